"""Calls the mock through a generated client and prints what it got, as JSON. Run by test_generated_client.py only.

Runs in the environment of the judges; takes the folder above the package `generated`, the base URL and a JSON list of
`[token, callback_url or null]`.
"""

from __future__ import annotations

import importlib
import json
import sys


def main(folder: str, base_url: str, calls: str) -> None:
    """Make each call and print status, the parsed fields or null, and the body."""
    sys.path.insert(0, folder)
    generated = importlib.import_module("generated")
    models = importlib.import_module("generated.models")
    operation = importlib.import_module("generated.api.default.create_visual_validate_session")
    results = []
    for token, callback_url in json.loads(calls):
        client = generated.AuthenticatedClient(base_url=base_url, token=token, raise_on_unexpected_status=True)
        body = models.CreateVisualValidateSessionBody()
        if callback_url is not None:
            body.callback_url = callback_url
        response = operation.sync_detailed(client=client, body=body)
        parsed = None
        if response.parsed is not None:
            assert type(response.parsed) is models.CreateVisualValidateSessionResponse200
            parsed = {
                "byted_token": response.parsed.byted_token,
                "callback_url": response.parsed.callback_url or None,  # UNSET is falsy
                "h5_link": response.parsed.h5_link,
                "more": list(response.parsed.additional_properties),
            }
        results.append({"status": int(response.status_code), "parsed": parsed, "body": json.loads(response.content)})
    print(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
