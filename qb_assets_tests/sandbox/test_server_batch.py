"""Batches over HTTP."""

from typing import Any

import requests

from .conftest import INVOICES, Client


def query(id: int, statement: str) -> dict[str, Any]:
    return {"bId": str(id), "Query": statement}


def by_id(answer: requests.Response) -> dict[str, Any]:
    assert answer.status_code == 200
    return {item["bId"]: item for item in answer.json()["BatchItemResponse"]}


def test_items_are_answered_or_refused_one_by_one(steady: Client) -> None:
    found = by_id(
        steady.batch(
            query(1, "select count(*) from Invoice"),
            query(2, "select * from Nothing"),
            query(3, "select * from Customer where Id = '2'"),
            query(4, "select * from Transfer"),
            {"bId": "5", "operation": "create", "Customer": {"DisplayName": "x"}},
        )
    )
    assert found["1"]["QueryResponse"] == {"totalCount": INVOICES}
    assert found["2"]["Fault"]["Error"][0]["code"] == "4001"
    assert found["3"]["QueryResponse"]["Customer"][0]["Id"] == "2"
    assert found["4"]["QueryResponse"] == {}
    assert found["5"]["Fault"]["Error"][0]["code"] == "500"


def test_the_order_of_answers_is_not_that_of_the_items(steady: Client) -> None:
    items = [query(i, "select count(*) from Item") for i in range(30)]
    answer = steady.batch(*items)
    order = [item["bId"] for item in answer.json()["BatchItemResponse"]]
    assert sorted(order, key=int) == [str(i) for i in range(30)]
    assert order != sorted(order, key=int)


def test_more_than_30_items_are_refused(steady: Client) -> None:
    answer = steady.batch(*[query(i, "select * from Item") for i in range(31)])
    assert answer.status_code == 400
    assert answer.json()["Fault"]["Error"][0]["code"] == "1040"


def test_more_than_1000_objects_are_refused(steady: Client) -> None:
    found = by_id(
        steady.batch(
            query(1, "select * from Invoice maxresults 990"),
            query(2, "select * from Invoice maxresults 11"),
            query(3, "select * from Invoice maxresults 10"),
        )
    )
    assert found["1"]["QueryResponse"]["maxResults"] == 990
    assert found["2"]["Fault"]["Error"][0]["code"] == "1040"
    assert found["3"]["QueryResponse"]["maxResults"] == 10


def test_what_is_no_batch(steady: Client) -> None:
    answer = steady.session.post(f"{steady.root}/batch", data=b"[1", timeout=10)
    assert answer.status_code == 400
    assert answer.json()["Fault"]["Error"][0]["code"] == "2010"
