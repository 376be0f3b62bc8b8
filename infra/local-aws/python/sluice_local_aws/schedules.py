"""Lets EventBridge's schedules start state machines as AWS does.

LocalStack names an execution after the event's id. What a rule has made of the event (an input transformer) has none, and then
nothing is started. And a rule goes on as it was when it got its targets, whatever EnableRule and DisableRule say later.
"""

from localstack.runtime import hooks
from localstack.utils.patch import patch
from localstack.utils.strings import long_uid


@hooks.on_infra_start()
def sluice_schedules():
    """Names such an execution by chance, and asks the rule whether it is enabled each time that it is due."""
    from localstack.services.events.provider import EventsProvider
    from localstack.services.events.scheduler import JobScheduler
    from localstack.services.events.target import StatesTargetSender
    from localstack.services.events.utils import to_json_str

    @patch(StatesTargetSender.send_event)
    def send_event(fn, self, event, trace_header):
        if isinstance(event, dict) and "id" in event:
            return fn(self, event, trace_header)
        self.service = "stepfunctions"
        self.client.start_execution(
            stateMachineArn=self.target["Arn"], name=long_uid(), input=to_json_str(event)
        )

    @patch(JobScheduler.add_job)
    def add_job(fn, self, job_func, schedule, enabled=True):
        return fn(self, job_func, schedule)

    @patch(EventsProvider._get_scheduled_rule_job_function)
    def job_function(fn, self, account_id, region, rule):
        fire = fn(self, account_id, region, rule)
        return lambda *args, **kwargs: None if rule.state == "DISABLED" else fire(*args, **kwargs)
