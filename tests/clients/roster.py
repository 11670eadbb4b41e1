# A roster client as a Python programmer writes it: requests and requests-oauthlib.
import os
import sys

import requests
from requests_oauthlib import OAuth1

power, school = os.environ["POWERSCHOOL"], os.environ["SCHOOLOGY"]
client = os.environ["CLIENT"]


def secret(name):
    with open(os.path.join(os.environ["CREDENTIALS"], name), encoding="ascii") as f:
        return f.read()


def powerschool_students():
    answer = requests.post(power + "/oauth/access_token", data={"grant_type": "client_credentials"},
                           auth=(secret("powerschool-id"), secret("powerschool-secret")), timeout=10)
    answer.raise_for_status()
    session = requests.Session()
    session.headers.update({"Authorization": "Bearer " + answer.json()["access_token"],
                            "Accept": "application/json"})
    count, after = 0, "0"
    while True:
        page = session.post(power + "/ws/schema/query/org.sisroll.sync.roster.students?pagesize=7",
                            json={"after": after, "school": "312", "termlo": "3500", "termhi": "3599"}, timeout=10)
        page.raise_for_status()
        rows = page.json().get("record", [])
        rows = [rows] if isinstance(rows, dict) else rows
        if not rows:
            return count
        count, after = count + len(rows), str(rows[-1]["dcid"])


session = requests.Session()
session.auth = OAuth1(secret("schoology-key"), secret("schoology-secret"), "", "", realm="Schoology API")
session.headers["Accept"] = "application/json"


def call(method, path, body=None):
    answer = session.request(method, school + path, json=body, timeout=10, allow_redirects=False)
    if answer.status_code == 303:
        answer = session.get(answer.headers["Location"], timeout=10)
    if answer.status_code >= 400:
        sys.exit(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
    return answer.json() if answer.text else None


def schoology_users():
    seen = set()
    while True:
        page = call("GET", f"/users?start={len(seen)}&limit=50")
        seen.update(user["uid"] for user in page["user"])
        if len(seen) >= int(page["total"]):
            return len(seen)


def every_item_went_well(items, want):
    codes = [int(item["response_code"]) for item in items]
    if len(codes) != want or any(code not in (200, 201) for code in codes):
        sys.exit(f"items: {items}")


students = powerschool_students()
me = call("GET", "/users/me")
roles = {role["title"]: role["id"] for role in call("GET", "/roles")["role"]}
people = [{"school_uid": f"{client}-{kind}", "name_first": "Zoë", "name_last": "O'Brien", "role_id": roles[role],
           "username": f"{client}.{kind}"} for kind, role in (("t", "Teacher"), ("s", "Student"))]
every_item_went_well(call("POST", "/users?update_existing=1", {"users": {"user": people}})["user"], 2)
period = call("POST", "/gradingperiods", {"title": client, "start": "2026-01-05", "end": "2026-06-05"})
course = call("POST", "/courses", {"title": "Café & Co", "course_code": client, "building_id": me["building_id"]})
call("POST", f"/courses/{course['id']}/sections",
     {"title": "One", "section_school_code": client, "grading_periods": [int(period["id"])]})
rows = [{"section_school_code": client, "school_uid": f"{client}-{kind}", "admin": admin}
        for kind, admin in (("t", 1), ("s", 0))]
answer = call("POST", "/enrollments/import/course", {"enrollments": {"enrollment": rows}})
every_item_went_well(answer["enrollments"]["enrollment"], 2)
section = call("GET", f"/sections?section_school_codes={client}")["section"][0]
members = call("GET", f"/sections/{section['id']}/enrollments?enrollment_status=1")["enrollment"]
print(f"students={students} users={schoology_users()} members={len(members)}")
