from emulators.servicebus.faults import Fault, Faults, out_of_reach
from emulators.servicebus.trace import Operation


def test_a_fault_happens_as_often_as_it_says_and_only_to_what_it_names() -> None:
    fault = Fault(entity="Q", operation=Operation.SEND, times=2)
    faults = Faults(fault)

    met = [faults.meet("q", Operation.SCHEDULE), faults.meet("other", Operation.SEND)]
    met += [faults.meet("q", Operation.SEND) for _ in range(3)]

    assert met == [None, None, fault, fault, None]


def test_a_fault_may_let_some_pass_first() -> None:
    fault = Fault(entity="q", operation=Operation.SEND, after=2)
    faults = Faults(fault)

    met = [faults.meet("q", operation) for operation in [Operation.SCHEDULE, *[Operation.SEND] * 4]]

    assert met == [None, None, None, fault, None]


def test_the_first_fault_that_applies_is_the_one_that_happens() -> None:
    first, second = Fault(entity="q"), Fault(entity="q", description="second")
    faults = Faults(first, second)

    assert [faults.meet("q", Operation.SEND) for _ in range(3)] == [first, second, None]


def test_an_entity_is_out_of_reach_until_the_fault_is_lifted() -> None:
    faults = Faults()
    fault = faults.add(out_of_reach("q"))

    assert {faults.meet("q", operation) for operation in Operation} == {fault}
    faults.lift(fault)

    assert faults.meet("q", Operation.SEND) is None
