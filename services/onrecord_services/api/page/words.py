"""Words: what stands on the screen, in English and in simplified Chinese."""

from datetime import datetime, timedelta

from onrecord_projections.queries.view import Lang
from onrecord_services.api.page.explain_words import EXPLAINED

_WORDS: dict[str, tuple[str, str]] = EXPLAINED | {
    "title": ("onrecord", "留痕"),
    "sign-in": ("Sign in", "登录"),
    "sign-out": ("Sign out", "退出"),
    "key": ("API key", "API 密钥"),
    "key-hint": (
        "A key that may read. It is kept in this browser only, out of reach of scripts.",
        "须为有读取权限的密钥。它只保存在本浏览器中，脚本无法读取。",
    ),
    "key-wrong": (
        "This key is not known, or it may not read. `onrecord key create` makes one.",
        "密钥无效，或没有读取权限。可用 `onrecord key create` 新建。",
    ),
    "link-used": (
        "This link was used already. Sign in with an API key, or start `onrecord up` again.",
        "此链接已用过。请用 API 密钥登录，或重新启动 `onrecord up`。",
    ),
    "overview": ("Overview", "总览"),
    "overdue": ("Overdue", "已超期"),
    "due-soon": ("Due within 24 hours", "24 小时内到期"),
    "open": ("Open promises", "进行中的时限"),
    "recent": ("Latest cases", "最近的事件单"),
    "penalties": ("Proposed penalties", "拟处罚"),
    "satisfaction": ("Satisfaction", "满意度"),
    "as-of": ("as of", "截至"),
    "position": ("position", "序号"),
    "case": ("Case", "事件单"),
    "clause": ("Clause", "条款"),
    "owner": ("Owner", "责任人"),
    "due": ("Due", "到期"),
    "late": ("Late by", "超期"),
    "left": ("Time left", "剩余"),
    "state": ("State", "状态"),
    "started": ("Started", "开始"),
    "stopped": ("Stopped", "结束"),
    "why": ("Why?", "依据"),
    "kind": ("Kind", "类别"),
    "customer": ("Customer", "客户"),
    "building": ("Building", "楼栋"),
    "opened": ("Opened", "受理"),
    "last": ("Last event", "最近事件"),
    "events": ("Events", "事件数"),
    "promises": ("Promises", "时限"),
    "handovers": ("Hand-overs", "交接"),
    "timeline": ("Timeline", "时间线"),
    "giver": ("From", "交出"),
    "taker": ("To", "接手"),
    "offered": ("Offered", "提出"),
    "decided": ("Decided", "答复"),
    "what": ("What", "内容"),
    "when": ("When", "时间"),
    "who": ("Who", "人员"),
    "sealed": ("sealed", "已加密"),
    "recorded-late": ("recorded {}", "{} 记录"),
    "provisional": ("provisional", "暂定"),
    "justified": ("reason on record", "已说明理由"),
    "none-overdue": ("Nothing is overdue.", "没有超期。"),
    "none-soon": ("Nothing falls due within 24 hours.", "24 小时内没有到期。"),
    "none-cases": (
        "No case yet. Hand in events with POST /v1/events, or run `onrecord demo`.",
        "还没有事件单。可通过 POST /v1/events 提交，或运行 `onrecord demo`。",
    ),
    "none-penalties": ("No penalty is proposed.", "没有拟处罚。"),
    "none-clocks": ("No clause promises anything in this case.", "此单没有时限要求。"),
    "more": ("{} more, not shown here: the CSV has all", "另有 {} 条未显示，CSV 中有全部"),
    "newer": ("Next", "下一页"),
    "not-found": ("Not found", "未找到"),
    "trouble": ("Cannot be shown now", "暂时无法显示"),
    "running": ("running", "进行中"),
    "paused": ("paused", "暂停"),
    "met": ("kept", "按期"),
    "breached": ("broken", "超期"),
    "cancelled": ("cancelled", "取消"),
    "excused": ("excused", "免责"),
    "accepted": ("accepted", "已接受"),
    "declined": ("declined", "已拒绝"),
    "withdrawn": ("withdrawn", "已撤回"),
    "moved": ("moved", "转手"),
    "counted-time": ("Time counted", "已计时间"),
    "paused-time": ("Time paused", "暂停时间"),
    "policy": ("Policy", "制度依据"),
    "number-from": ("Limit set by", "时限来源"),
    "number-policy": ("the policy", "制度"),
    "number-tenant": ("the tenant, not the policy", "本单位设定，非制度规定"),
    "number-event": ("the event", "事件所载"),
    "intervals": ("Hour by hour", "逐段计时"),
    "none-intervals": ("Nothing was counted.", "没有计时。"),
    "begin": ("From", "起"),
    "end": ("To", "止"),
    "length": ("Length", "时长"),
    "counts": ("Counts?", "是否计入"),
    "event": ("Event", "事件"),
    "elapsed time": ("elapsed time", "连续计时"),
    "counted": ("counted", "计入"),
    "outside-hours": ("outside hours", "非工作时间"),
    "steps": ("What moved the clock", "影响计时的事件"),
    "step-start": ("started", "开始"),
    "step-stop": ("stopped", "结束"),
    "step-pause": ("paused", "暂停"),
    "step-resume": ("went on", "恢复"),
    "step-cancel": ("cancelled", "取消"),
    "step-excuse": ("excused", "免责"),
    "step-justify": ("reason given", "说明理由"),
    "arithmetic": ("How the due date came about", "到期时间的算法"),
    "digest": ("Digest of this explanation", "本说明的摘要"),
    "drafts": ("Drafts that run beside", "并行试行的草案"),
    "draft-only": (
        "What stands → what the drafts would make of it. Nobody is told, and nothing can be decided.",
        "现行 → 草案。仅供比较，不通知任何人，也不作审批。",
    ),
    "draft-same": ("Nothing differs so far.", "目前没有差异。"),
    "since": ("from", "自"),
    "clocks": ("Promises due", "到期时限"),
    "figures": ("Penalties and satisfaction", "处罚与满意度"),
    "month": ("Month", "月份"),
    "person": ("Person", "人员"),
    "amount": ("Amount", "金额"),
    "proposals-only": (
        "These are proposals. Nobody is fined before a person with that role decides.",
        "以下均为建议，须经有权人员审批后方可生效。",
    ),
    "score": ("Score", "得分"),
    "interval": ("95 % interval", "95% 置信区间"),
    "answers": ("Answers", "答复数"),
    "response": ("Response rate", "答复率"),
    "few": ("too few to rank", "样本过少，不宜排名"),
    "not-named": ("not named", "未注明"),
    "none-answers": ("Nobody was asked yet.", "还没有调查。"),
    "proposed": ("proposed", "拟处罚"),
    "notified": ("notified", "已告知"),
    "appealed": ("appealed", "已申诉"),
    "appeal-upheld": ("appeal upheld", "申诉成立"),
    "appeal-rejected": ("appeal rejected", "申诉不成立"),
    "approved": ("approved", "已批准"),
    "waived": ("waived", "已豁免"),
    "reversed": ("reversed", "已撤销"),
    "exported": ("exported", "已导出"),
    "other-time": ("Another time", "其他时间"),
    "field-true": ("True at", "事实时间"),
    "field-known": ("Known at", "知悉时间"),
    "show": ("Show", "查看"),
    "back-to-now": ("Back to now", "回到现在"),
    "true-at": ("What was true at {}, by all that is known now", "{} 时的情况（按现在所知）"),
    "known-at": ("As it was known at {}", "按 {} 时所知的情况"),
    "true-and-known": ("What was true at {}, as it was known at {}", "{} 时的情况（按 {} 时所知）"),
    "retracted": ("A breach was taken back by event {}", "第 {} 号事件撤销了一次超期"),
}


def say(lang: Lang, word: str, *parts: str) -> str:
    """What stands on the screen for a word of ours; a word we do not know is said as it is."""
    found = _WORDS.get(word)
    text = word if found is None else found[lang == "zh"]
    return text.format(*parts) if parts else text


def span(lang: Lang, seconds: int) -> str:
    """A length of time in its largest unit and the next one down: enough to read."""
    if seconds < 1:
        return "0 s" if lang == "en" else "0 秒"
    units = (
        (86_400, "d", "天"),
        (3_600, "h", "小时"),
        (60, "min", "分"),
        (1, "s", "秒"),
    )
    first = next(nth for nth, (size, _, _) in enumerate(units) if seconds >= size)
    parts = []
    for size, english, chinese in units[first : first + 2]:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {chinese if lang == 'zh' else english}")
    return " ".join(parts)


def moment(at: datetime | None, near: datetime | None = None) -> str:
    """An instant on the walls of its zone; the year only where it is not the same as `near`'s."""
    if at is None:
        return "–"
    if near is not None and at.year == near.year:
        return f"{at:%m-%d %H:%M}"
    return f"{at:%Y-%m-%d %H:%M}"


SOON = timedelta(hours=24)
