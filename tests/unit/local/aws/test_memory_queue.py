from local.aws.memory_queue import MemoryQueue


def test_a_message_is_seen_after_its_delay_and_in_its_turn() -> None:
    queue = MemoryQueue()
    queue.send("late", 0.2)
    queue.send("first")
    queue.send("second")

    assert [queue.receive(0), queue.receive(0), queue.receive(0)] == ["first", "second", None]
    assert queue.receive(5.0) == "late"
    queue.send("later", 900)
    assert (queue.receive_all(), len(queue)) == (["later"], 0)
