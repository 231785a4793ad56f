"""Event words: what an event is called on the Chinese page; the English page has the names in the log."""

from onrecord_projections.queries.view import Lang

_CHINESE = dict(
    line.split()
    for line in """
act.attempted 尝试办理
act.done 办理
approval.given 批准
approval.refused 不批准
approval.requested 申请批准
archive.handed-over 档案移交
archive.inspected 档案检查
archive.registered 档案登记
attendance.marked 考勤
calendar.adopted 采用日历
callback.assigned 指派回访
callback.made 回访
case.activity-done 个案活动完成
case.closed 个案结束
case.opened 个案开始
client.assigned-in-turn 轮序分配客户
client.card-created 建立客户卡
client.card-signed 客户卡签字
client.completed 客户资料补全
client.dealt 客户成交
client.follow-up-signed 跟进签字
client.followed-up 跟进客户
client.group-introduced 集团客户介绍
client.owner-decided 裁定客户归属
client.referred 客户转介绍
client.registered 客户登记
client.related 关联客户
client.split-decided 裁定成交分成
client.transferred 客户转移
client.voided 客户卡作废
clock.ticked 时钟走动
complaint.answered 投诉答复
complaint.archived 投诉归档
complaint.classified 投诉定级
complaint.closed 投诉结案
complaint.collected-as-case 收录为案例
complaint.customer-agreed 客户同意
complaint.customer-answered 客户回复
complaint.customer-asked 询问客户
complaint.destruction-requested 申请销毁投诉资料
complaint.discussed 投诉商讨
complaint.disposal-form-issued 发出投诉处置表
complaint.disposal-form-received 收到投诉处置表
complaint.disposal-form-returned 交回投诉处置表
complaint.disposal-plan-signed 处置方案签字
complaint.escalated 投诉升级
complaint.forwarded 投诉转交
complaint.major-reported 上报重大投诉
complaint.obstacle-reported 上报处理障碍
complaint.opinion-attached 附上意见
complaint.progress-shared 告知进展
complaint.registered 投诉登记
complaint.repeated 重复投诉
complaint.resolved 投诉解决
complaint.result-verified 核实处理结果
complaint.validity-judged 判定投诉是否有效
complaint.withdrawn 撤回投诉
correction.completed 整改完成
correction.ordered 责令整改
duty.assigned 指派职责
duty.done 履行职责
duty.ended 职责终止
emergency.closed 紧急事件结束
emergency.notified 紧急事件告知
emergency.opened 紧急事件发生
expense.claimed 费用报销
expense.recorded 费用登记
figure.recorded 数据登记
handover.accepted 接受交接
handover.declined 拒绝交接
handover.offered 提出交接
intake.refused 拒收
interaction.logged 往来记录
leave.approved 准假
leave.refused 不准假
leave.requested 请假
loan.lost 借出物遗失
loan.made 借出
loan.returned 归还
merit.observed 记功
notice.sent 发出通知
number.set 设定数值
pay.set 设定薪资
penalty.appeal-decided 申诉裁定
penalty.appealed 处罚申诉
penalty.approved 批准处罚
penalty.exported 导出处罚
penalty.notified 告知处罚
penalty.reversed 撤销处罚
penalty.waived 豁免处罚
promise.kept 履行承诺
promise.made 作出承诺
promise.moved 承诺改期
queue.set 设定轮序
reading.set 设定解释
record.checked 检查记录
record.filed 填报记录
repair.defect-found 发现维修缺陷
repair.done 维修完成
repair.ordered 维修下单
report.submitted 提交报告
role.assigned 任命角色
role.ended 免去角色
rulebook.adopted 采用制度
rulebook.amended 修订制度
rulebook.migrated 制度迁移
rulebook.shadowed 制度试行
rulebook.unshadowed 结束制度试行
rulebook.withdrawn 废止制度
service.done 服务完成
service.ordered 服务下单
source.declared 登记来源
staff.joined 员工入职
staff.left 员工离职
stage.reached 到达阶段
survey.csat-answered 满意度答复
survey.declined 拒绝调查
survey.delivered 调查送达
survey.nps-answered 推荐度答复
survey.sent 发出调查
task.done 任务完成
task.set 下达任务
team.joined 加入班组
team.left 离开班组
vehicle.delivered 交车
violation.observed 发现违规
violation.retracted 撤回违规记录
work-letter.answered 工作联系函答复
work-letter.sent 发出工作联系函
""".strip().splitlines()
)


def event_word(lang: Lang, kind: str) -> str:
    """The name of an event type; one we have no word for is said as it is."""
    return _CHINESE.get(kind, kind) if lang == "zh" else kind
