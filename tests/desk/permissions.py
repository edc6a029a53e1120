"""Who may use which route of the desk, written down once; a route that is not here fails test_every_route."""

from __future__ import annotations

from collections.abc import Mapping

ROLES = ("adviser", "supervisor", "manager", "administrator")
OUTSIDE: tuple[str, ...] = ("nobody", *ROLES)
EVERYBODY: tuple[str, ...] = ROLES
# Whoever works with customers; the administrator does not.
AT_WORK = ("adviser", "supervisor", "manager")
IN_CHARGE = ("supervisor", "manager")

_TABLE: Mapping[tuple[str, ...], str] = {
    OUTSIDE: """
        GET /sign-in
        POST /sign-in
    """,
    EVERYBODY: """
        GET /
        GET /here
        GET /events
        POST /sign-out
        GET /profile
        POST /profile/language
        POST /profile/available
        POST /profile/password
        GET /canned
        GET /canned/list
    """,
    AT_WORK: """
        GET /queue
        GET /queue/list
        GET /queue/tabs
        GET /conversations/{key}
        GET /conversations/{key}/messages
        GET /conversations/{key}/news
        GET /conversations/{key}/ready
        GET /conversations/{key}/customer
        POST /conversations/{key}/customer
        POST /conversations/{key}/customer/new
        POST /conversations/{key}/customer/verify
        POST /conversations/{key}/customer/remove
        GET /conversations/{key}/rescue
        POST /conversations/{key}/rescue
        POST /conversations/{key}/rescue/state
        GET /conversations/{key}/meter
        POST /conversations/{key}/meter/ask
        POST /conversations/{key}/reply
        POST /conversations/{key}/picture
        POST /conversations/{key}/claim
        POST /conversations/{key}/note
        POST /conversations/{key}/phone
        POST /conversations/{key}/called
        POST /conversations/{key}/transfer
        POST /conversations/{key}/release
        POST /conversations/{key}/resolve
        POST /conversations/{key}/looking
        GET /media/{media_id}
        GET /profile/telegram
        POST /profile/telegram
        POST /profile/telegram/remove
        GET /calendar
        GET /calendar/board
        GET /calendar/visits/{number}
        GET /calendar/visits/{number}/times
        POST /calendar/visits/{number}/move
        POST /calendar/visits/{number}/cancel
        POST /calendar/visits/{number}/confirm
        POST /calendar/visits/{number}/status
        POST /calendar/visits/{number}/order
        POST /calendar/visits/{number}/phone
        GET /calendar/new
        POST /calendar/new
        GET /calendar/walk-in
        POST /calendar/walk-in
        GET /calendar/times
        GET /calendar/known
        GET /calendar/blocks
        POST /calendar/blocks
        POST /calendar/blocks/{block_id}/open
        GET /complaints
        GET /complaints/board
        GET /complaints/{number}
        GET /complaints/{number}/state
        GET /complaints/{number}/log
        GET /complaints/{number}/answers
        GET /complaints/{number}/chat
        GET /complaints/new
        POST /complaints/new
        POST /complaints/weigh
        POST /complaints/{number}/ask-chat
        POST /complaints/{number}/owner
        POST /complaints/{number}/reveal
        POST /complaints/{number}/note
        POST /complaints/{number}/kind
        POST /complaints/{number}/next-update
        POST /complaints/{number}/solution
        POST /complaints/{number}/level
        POST /complaints/{number}/yes
        POST /complaints/{number}/close
        POST /complaints/{number}/reopen
        GET /workshop
        GET /workshop/board
        GET /workshop/orders/{number}
        POST /workshop/orders/{number}/stage
        POST /workshop/orders/{number}/promise
        POST /workshop/orders/{number}/parts
        POST /workshop/orders/{number}/proposals
        POST /workshop/orders/{number}/proposals/{proposal_id}
        POST /workshop/orders/{number}/hand-over
        POST /workshop/orders/{number}/note
        GET /workshop/arrivals
        GET /customers
        GET /customers/{customer_id}
        GET /customers/{customer_id}/edit
        POST /customers/{customer_id}/edit
        POST /customers/{customer_id}/reveal
        POST /customers/{customer_id}/accounts/{account_id}/unbind
        POST /customers/{customer_id}/adopt
        GET /vehicles/{vehicle_id}
        GET /vehicles/{vehicle_id}/edit
        POST /vehicles/{vehicle_id}/edit
        POST /vehicles/{vehicle_id}/reveal
        GET /vehicles/{vehicle_id}/owner
        POST /vehicles/{vehicle_id}/owner
        POST /workshop/arrivals
    """,
    IN_CHARGE: """
        POST /conversations/{key}/take
        GET /alerts
        GET /alerts/list
        GET /alerts/count
        POST /alerts/seen
        POST /alerts/{key}/seen
        GET /doubles
        GET /customers/{customer_id}/merge
        GET /customers/{customer_id}/merge/{other_id}
        POST /customers/{customer_id}/merge/{other_id}
        GET /customers/{customer_id}/data
        POST /customers/{customer_id}/export
        POST /customers/{customer_id}/delete
        GET /report
        GET /report/charts/{key}.svg
        GET /report/sentences.yml
        GET /report/sheet.csv
    """,
    ("supervisor", "manager", "administrator"): """
        POST /canned
        POST /canned/{key}
        POST /canned/{key}/remove
    """,
    ("manager", "administrator"): """
        GET /audit
    """,
    ("administrator",): """
        GET /staff
        POST /staff
        GET /staff/{agent_id}
        POST /staff/{agent_id}
        POST /staff/{agent_id}/password
        POST /staff/{agent_id}/deactivate
        POST /staff/{agent_id}/activate
        POST /staff/{agent_id}/unlock
    """,
}
PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    line.strip(): roles for roles, lines in _TABLE.items() for line in lines.strip().splitlines()
}
