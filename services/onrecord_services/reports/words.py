"""Words: what codes mean, in simplified Chinese and in English, and columns that many reports have."""

from onrecord_services.reports.sheet import Column, Words

YES_NO = {"yes": Words("是", "yes"), "no": Words("否", "no")}
SEVERITY = {"minor": Words("轻微", "minor"), "major": Words("重大", "major")}
CHANNEL = {
    "phone": Words("电话", "phone"),
    "visit": Words("上门", "visit"),
    "letter": Words("信函", "letter"),
    "wechat": Words("微信", "WeChat"),
    "app": Words("应用", "app"),
    "email": Words("邮件", "e-mail"),
    "other": Words("其他", "other"),
}
LEVEL = {"station": Words("服务站", "station"), "company": Words("公司", "company")}
STANDING = {
    "open": Words("处理中", "open"),
    "settled": Words("已解决", "settled"),
    "closed": Words("已结案", "closed"),
    "withdrawn": Words("已撤回", "withdrawn"),
}
CLOCK = {
    "running": Words("进行中", "running"),
    "paused": Words("暂停", "paused"),
    "met": Words("按期", "kept"),
    "breached": Words("超期", "broken"),
    "cancelled": Words("取消", "cancelled"),
    "excused": Words("免责", "excused"),
}
PENALTY = {
    "proposed": Words("拟处罚", "proposed"),
    "notified": Words("已告知", "notified"),
    "appealed": Words("已申诉", "appealed"),
    "appeal-upheld": Words("申诉成立", "appeal upheld"),
    "appeal-rejected": Words("申诉不成立", "appeal rejected"),
    "approved": Words("已批准", "approved"),
    "waived": Words("已豁免", "waived"),
    "reversed": Words("已撤销", "reversed"),
    "exported": Words("已导出", "exported"),
}
LINE = {
    "fine": Words("罚款", "fine"),
    "deduction": Words("扣款", "deduction"),
    "cost": Words("费用", "cost"),
    "charge": Words("赔付", "charge"),
    "reward": Words("奖励", "reward"),
    "allowance": Words("补贴", "allowance"),
    "sanction": Words("处分", "sanction"),
    "forfeit": Words("取消资格", "forfeit"),
}

CASE = Column("case", Words("事件单", "Case"), width=24)
CLAUSE = Column("clause", Words("条款", "Clause"), width=18)
SAYS = Column("says", Words("条款内容", "What it says"), width=44)
OWNER = Column("owner", Words("责任人", "Owner"), width=12)
PERSON = Column("person", Words("人员", "Person"), width=12)
CUSTOMER = Column("customer", Words("客户编号", "Customer"), width=14, on_paper=False)
PACK = Column("pack", Words("制度", "Policy"), width=18, on_paper=False)
EDITION = Column("edition", Words("版本", "Edition"), "count", width=8, on_paper=False)
CURRENCY = Column("currency", Words("币种", "Currency"), width=8)
