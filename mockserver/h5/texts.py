"""Every sentence of the phone page, in its three languages. They say what the page does and know nothing of how.

`zh` is simplified Chinese, as written on the mainland; `zh-Hant` traditional, as read in Hong Kong and Taiwan alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULT", "TEXTS", "End", "OutcomeTexts", "Texts"]

DEFAULT = "zh"
"""The language of a link that names none, or none of ours: as upstream [U1, U2]."""


@dataclass(frozen=True, slots=True)
class OutcomeTexts:
    """One outcome: the button that chooses it, and the page that shows it."""

    button: str
    heading: str
    sentence: str


@dataclass(frozen=True, slots=True)
class End:
    """A page on which the way ends."""

    heading: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts of one language. `tag` is its BCP 47 tag, `name` its own name for itself."""

    tag: str
    name: str
    product: str
    mock: str
    served_by: str
    languages: str
    steps: str
    step_names: tuple[str, str, str]
    time_left: str
    frozen: str
    minute_left: str

    consent_heading: str
    consent_lead: str
    face_data_heading: str
    face_data: str
    portrait_heading: str
    portrait: str
    terms_mock: str
    agree: str
    agree_first: str
    agree_button: str

    face_heading: str
    drawing: str
    preview: str
    nod: str
    blink: str
    camera_asking: str
    camera_live: str
    camera_refused: str
    camera_insecure: str
    camera_missing: str
    camera_noscript: str
    choose_heading: str
    mock_only: str
    choose_sentence: str
    outcomes: Mapping[str, OutcomeTexts]

    complete_button: str
    leave: str
    goes_to: str
    goes_nowhere: str
    goes_refused: str
    parameters: str
    choose_again: str

    leaving_heading: str
    leaving: str
    continue_link: str
    closing_heading: str
    closing: str
    not_gone: str
    ends: Mapping[str, End]
    try_again: str

    phone_heading: str
    phone: str
    phone_code: str
    phone_cannot: str
    phone_start: str
    phone_camera: str


_SIMPLIFIED = Texts(
    tag="zh-Hans",
    name="简体",
    product="真人认证",
    mock="模拟页面，并非厂商页面",
    served_by="本页由 anyfast-mockserver {version} 提供，仅用于测试，不会进行真实认证。",
    languages="语言",
    steps="步骤",
    step_names=("授权同意", "人脸识别", "认证结果"),
    time_left="剩余时间",
    frozen="时钟已暂停",
    minute_left="剩余时间不足一分钟",
    consent_heading="开始前，请先授权",
    consent_lead="为确认是真人本人操作，请阅读并同意以下内容。",
    face_data_heading="人脸信息处理规则",
    face_data="认证时会采集你的人脸画面，仅用于判断镜头前是否为真人。",
    portrait_heading="肖像授权",
    portrait="你同意将本人肖像作为素材，用于生成内容。",
    terms_mock="模拟说明：以上并非厂商的正式条款；本页不会录制、保存或上传任何内容。",
    agree="我已阅读并同意人脸信息处理规则和肖像授权",
    agree_first="请先勾选同意，再继续。",
    agree_button="同意并继续",
    face_heading="请将面部移入圆框",
    drawing="圆框中的人脸示意图",
    preview="前置摄像头预览",
    nod="点点头",
    blink="眨眨眼",
    camera_asking="浏览器正在请求使用前置摄像头。",
    camera_live="画面只留在本浏览器中，不会录制，也不会上传。",
    camera_refused="未获准使用摄像头，因此显示示意图。",
    camera_insecure="浏览器只在 https 页面上开放摄像头，因此显示示意图。",
    camera_missing="没有可用的摄像头，因此显示示意图。",
    camera_noscript="脚本已停用，因此用示意图代替摄像头画面。",
    choose_heading="选择认证结果",
    mock_only="仅模拟页面提供",
    choose_sentence="真实页面会自动判定；在这里由你来选。",
    outcomes={
        "pass": OutcomeTexts("通过", "认证通过", "点击“完成”结束认证，人脸素材组会在那一刻创建。"),
        "fail": OutcomeTexts("未通过", "认证未通过", "点击“完成”结束认证。此链接随即失效，再次认证需要新建会话。"),
        "server-error": OutcomeTexts(
            "服务异常", "认证服务异常", "点击“完成”结束认证。此链接随即失效，再次认证需要新建会话。"
        ),
    },
    complete_button="完成",
    leave="点击“完成”之前一切都不算数：现在离开，GroupId 仍为空。",
    goes_to="点击“完成”后，浏览器将打开：",
    goes_nowhere="会话没有设置 CallbackURL，完成后关闭本页即可。",
    goes_refused="CallbackURL 不是 http(s) 地址，完成后浏览器不会打开它：",
    parameters="将附带的参数",
    choose_again="重新选择结果",
    leaving_heading="正在返回",
    leaving="如果没有自动跳转，请点击“继续”。",
    continue_link="继续",
    closing_heading="认证已结束",
    closing="你可以关闭本页了。",
    not_gone="CallbackURL 不是 http(s) 地址，浏览器没有打开它：",
    ends={
        "used": End("此链接已使用", "每个链接只能认证一次。如需再次认证，请新建会话。"),
        "expired": End("此链接已过期", "会话的有效期已过。请新建会话，再打开新的链接。"),
        "unknown": End(
            "链接无效",
            "没有与此链接对应的会话。链接可能不完整，pl 与 uid 可能不配对，模拟服务器也可能已重启。"
            "请核对链接，或新建会话。",
        ),
        "broken": End("请求无效", "提交的内容不完整或不正确，什么都没有改变。请重新打开链接再试。"),
        "store": End("暂时无法使用", "模拟服务器目前无法读写会话数据。请稍后再试。"),
    },
    try_again="再试一次",
    phone_heading="在手机上打开",
    phone="用手机扫描二维码，在手机上继续。",
    phone_code="本页链接的二维码",
    phone_cannot="手机打不开 {host}：这个地址只指向这台电脑本身。",
    phone_start="请这样启动模拟服务器，地址换成这台电脑在局域网中的地址：",
    phone_camera="或者这样，手机只在 https 页面上开放摄像头：",
)

_TRADITIONAL = Texts(
    tag="zh-Hant",
    name="繁體",
    product="真人驗證",
    mock="模擬頁面，並非供應商頁面",
    served_by="本頁由 anyfast-mockserver {version} 提供，僅供測試，不會進行真實驗證。",
    languages="語言",
    steps="步驟",
    step_names=("授權同意", "人臉辨識", "驗證結果"),
    time_left="剩餘時間",
    frozen="時鐘已暫停",
    minute_left="剩餘時間不足一分鐘",
    consent_heading="開始前，請先授權",
    consent_lead="為確認由真人本人操作，請閱讀並同意以下內容。",
    face_data_heading="人臉資料處理規則",
    face_data="驗證時會擷取你的人臉畫面，僅用於判斷鏡頭前是否為真人。",
    portrait_heading="肖像授權",
    portrait="你同意將本人肖像作為素材，用於生成內容。",
    terms_mock="模擬說明：以上並非供應商的正式條款；本頁不會錄製、儲存或上傳任何內容。",
    agree="我已閱讀並同意人臉資料處理規則及肖像授權",
    agree_first="請先勾選同意，再繼續。",
    agree_button="同意並繼續",
    face_heading="請將臉部移入圓框",
    drawing="圓框中的人臉示意圖",
    preview="前置鏡頭預覽",
    nod="點點頭",
    blink="眨眨眼",
    camera_asking="瀏覽器正在要求使用前置鏡頭。",
    camera_live="畫面只留在本瀏覽器中，不會錄製，也不會上傳。",
    camera_refused="未獲准使用鏡頭，因此顯示示意圖。",
    camera_insecure="瀏覽器只在 https 頁面開放鏡頭，因此顯示示意圖。",
    camera_missing="沒有可用的鏡頭，因此顯示示意圖。",
    camera_noscript="指令碼已停用，因此以示意圖代替鏡頭畫面。",
    choose_heading="選擇驗證結果",
    mock_only="僅模擬頁面提供",
    choose_sentence="真實頁面會自動判定；在這裡由你來選。",
    outcomes={
        "pass": OutcomeTexts("通過", "驗證通過", "點選「完成」結束驗證，人臉素材群組會在那一刻建立。"),
        "fail": OutcomeTexts(
            "未通過", "驗證未通過", "點選「完成」結束驗證。此連結隨即失效，再次驗證需要重新建立工作階段。"
        ),
        "server-error": OutcomeTexts(
            "服務異常", "驗證服務異常", "點選「完成」結束驗證。此連結隨即失效，再次驗證需要重新建立工作階段。"
        ),
    },
    complete_button="完成",
    leave="點選「完成」之前一切都不算數：現在離開，GroupId 仍為空。",
    goes_to="點選「完成」後，瀏覽器將開啟：",
    goes_nowhere="工作階段沒有設定 CallbackURL，完成後關閉本頁即可。",
    goes_refused="CallbackURL 不是 http(s) 網址，完成後瀏覽器不會開啟它：",
    parameters="將附帶的參數",
    choose_again="重新選擇結果",
    leaving_heading="正在返回",
    leaving="如果沒有自動跳轉，請點選「繼續」。",
    continue_link="繼續",
    closing_heading="驗證已結束",
    closing="你可以關閉本頁了。",
    not_gone="CallbackURL 不是 http(s) 網址，瀏覽器沒有開啟它：",
    ends={
        "used": End("此連結已使用", "每個連結只能驗證一次。如需再次驗證，請重新建立工作階段。"),
        "expired": End("此連結已過期", "工作階段的有效時間已過。請重新建立工作階段，再開啟新的連結。"),
        "unknown": End(
            "連結無效",
            "沒有與此連結對應的工作階段。連結可能不完整，pl 與 uid 可能不配對，模擬伺服器也可能已重新啟動。"
            "請核對連結，或重新建立工作階段。",
        ),
        "broken": End("請求無效", "提交的內容不完整或不正確，什麼都沒有改變。請重新開啟連結再試。"),
        "store": End("暫時無法使用", "模擬伺服器目前無法讀寫工作階段資料。請稍後再試。"),
    },
    try_again="再試一次",
    phone_heading="在手機上開啟",
    phone="用手機掃描 QR 碼，在手機上繼續。",
    phone_code="本頁連結的 QR 碼",
    phone_cannot="手機打不開 {host}：這個位址只指向這部電腦本身。",
    phone_start="請這樣啟動模擬伺服器，位址換成這部電腦在區域網路中的位址：",
    phone_camera="或者這樣，手機只在 https 頁面開放鏡頭：",
)

_ENGLISH = Texts(
    tag="en",
    name="English",
    product="Face verification",
    mock="Mock page, not the vendor's",
    served_by="Served by anyfast-mockserver {version}, for testing only. Nobody is really verified here.",
    languages="Language",
    steps="Steps",
    step_names=("Consent", "Face check", "Result"),
    time_left="Time left",
    frozen="clock stopped",
    minute_left="Less than one minute left",
    consent_heading="Before you start",
    consent_lead="To show that you are a real person, please read and agree to the following.",
    face_data_heading="Your face data",
    face_data="Your face is filmed during the check, only to tell whether a live person is in front of the camera.",
    portrait_heading="Use of your portrait",
    portrait="You allow your portrait to be used as a reference for generated content.",
    terms_mock="Mock: these are not the vendor's terms, and nothing is recorded, stored or uploaded here.",
    agree="I have read and agree to the handling of my face data and the use of my portrait",
    agree_first="Please tick the box to continue.",
    agree_button="Agree and continue",
    face_heading="Hold your face in the circle",
    drawing="Drawing of a face in a circle",
    preview="Preview of the front camera",
    nod="Nod",
    blink="Blink",
    camera_asking="The browser is asking for the front camera.",
    camera_live="The picture stays in this browser. It is neither recorded nor sent.",
    camera_refused="The camera was not allowed, so you see a drawing.",
    camera_insecure="Browsers open the camera on https pages only, so you see a drawing.",
    camera_missing="There is no camera to use, so you see a drawing.",
    camera_noscript="Scripts are off, so you see a drawing and no camera.",
    choose_heading="Choose the result",
    mock_only="Mock only",
    choose_sentence="The real page decides by itself. Here, you do.",
    outcomes={
        "pass": OutcomeTexts(
            "Passed", "Verification passed", "Tap Complete to finish. The asset group is created at that moment."
        ),
        "fail": OutcomeTexts(
            "Not passed",
            "Verification not passed",
            "Tap Complete to finish. The link is then spent: another try needs a new session.",
        ),
        "server-error": OutcomeTexts(
            "Server error",
            "The check itself failed",
            "Tap Complete to finish. The link is then spent: another try needs a new session.",
        ),
    },
    complete_button="Complete",
    leave="Nothing counts before you tap Complete: leave now, and GroupId stays empty.",
    goes_to="Complete takes the browser to:",
    goes_nowhere="The session has no CallbackURL. After Complete, just close this page.",
    goes_refused="The CallbackURL is no http(s) address, so Complete will not take the browser there:",
    parameters="Parameters it brings",
    choose_again="Choose another result",
    leaving_heading="Taking you back",
    leaving="If nothing happens, tap Continue.",
    continue_link="Continue",
    closing_heading="Verification finished",
    closing="You can close this page now.",
    not_gone="The CallbackURL is no http(s) address, so the browser was not taken there:",
    ends={
        "used": End(
            "This link has been used", "Each link is good for one verification. To verify again, create a session."
        ),
        "expired": End("This link has expired", "The session's time is over. Create a new one and open its link."),
        "unknown": End(
            "This link is not valid",
            "No session belongs to it. It may be cut off, pl and uid may be of two links, or the mock was started "
            "anew. Check the link, or create a session.",
        ),
        "broken": End(
            "That did not work",
            "What was sent is incomplete or wrong, and changed nothing. Open the link and try again.",
        ),
        "store": End("Not available right now", "The mock cannot read or write its sessions. Try again in a moment."),
    },
    try_again="Try again",
    phone_heading="Open on a phone",
    phone="Scan the code to go on with a phone.",
    phone_code="QR code of the link to this page",
    phone_cannot="A phone cannot open {host}: that address means this computer itself.",
    phone_start="Start the mock like this, with this computer's address in your network:",
    phone_camera="or, as phones open their camera on https pages only:",
)

TEXTS: Mapping[str, Texts] = {"zh": _SIMPLIFIED, "zh-Hant": _TRADITIONAL, "en": _ENGLISH}
"""By the value of the link's `lng` [U1, U2]."""
