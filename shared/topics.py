"""The one-shot job that makes a Kafka cluster what the catalogue says: topics, logins, permissions.

`python -m shared.topics apply --users FILE`; FILE holds `{"login": "password", …}` as JSON.
`python -m shared.topics show LOGIN` prints what the catalogue allows to a login.
"""

import argparse
import json
import logging
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from shared.contracts.topics import TOPICS, Topic
from shared.settings import SettingsError, load_settings

TIMEOUT = 20.0  # seconds for each request to the cluster
SETTLE = 90.0  # seconds for the brokers to take over what the controller knows; usually a moment
_OFFICE = "office-"


class TopicsError(Exception):
    """The cluster can't be made what the catalogue says."""


@dataclass(frozen=True, order=True)
class Permission:
    """What a principal may do. `prefix`: the name is the beginning of names."""

    principal: str
    resource: str  # TOPIC | GROUP | TRANSACTIONAL_ID
    name: str
    operation: str  # READ | WRITE | DESCRIBE | DELETE
    prefix: bool = False


def permissions(topics: Iterable[Topic] = TOPICS) -> frozenset[Permission]:
    """Everything that the catalogue allows; all else is refused."""
    allowed = set()
    for topic in topics:
        for operation, principals in (("WRITE", topic.writers), ("READ", topic.readers)):
            for who in principals:
                allowed.add(Permission(who, "TOPIC", topic.name, operation))
                allowed.add(Permission(who, "TOPIC", topic.name, "DESCRIBE"))
                if who.startswith(_OFFICE) and operation == "WRITE":  # in transactions, if it likes
                    allowed.add(Permission(who, "TRANSACTIONAL_ID", f"{who}.", "WRITE", True))
                    allowed.add(Permission(who, "TRANSACTIONAL_ID", f"{who}.", "DESCRIBE", True))
                else:
                    allowed.add(Permission(who, "GROUP", f"{who}.", "READ", True))
                if operation == "READ" and topic.personal:  # what it has read it may forget
                    allowed.add(Permission(who, "TOPIC", topic.name, "DELETE"))
    return frozenset(allowed)


def principals(topics: Iterable[Topic] = TOPICS) -> list[str]:
    """Everybody who needs a login of their own."""
    return sorted({who for topic in topics for who in (*topic.writers, *topic.readers)})


def administrator(
    bootstrap: str, username: str, password: str, security: str = "SASL_PLAINTEXT", ca: str = ""
) -> AdminClient:
    """A client with the administrator's rights."""
    silent = logging.getLogger("binaan.kafka-admin")
    silent.setLevel(logging.CRITICAL)  # the library writes each failed try to the log
    settings: dict[str, Any] = {"bootstrap.servers": bootstrap, "security.protocol": security}
    if security.startswith("SASL"):
        settings |= {"sasl.mechanism": "SCRAM-SHA-512"}
        settings |= {"sasl.username": username, "sasl.password": password}
    if ca:
        settings["ssl.ca.location"] = ca
    return AdminClient({**settings, "error_cb": _complain}, logger=silent)


def _complain(error: KafkaError) -> None:
    """Called by the client while it waits; a refused login won't get better by trying again."""
    if error.code() == KafkaError._AUTHENTICATION:  # noqa: SLF001 - the library's public spelling
        raise TopicsError("the Kafka cluster refuses this login and password")


def apply(
    admin: AdminClient, users: Mapping[str, str], topics: Iterable[Topic] = TOPICS
) -> list[str]:
    """Makes the cluster what the catalogue says; tells what changed. Safe to repeat.

    `users` holds a password for each of `principals(topics)`; an office without one is permitted
    what the catalogue says and can't log in yet. Raises TopicsError.
    """
    topics = tuple(topics)
    logins = {who: users[who] for who in principals(topics) if who in users}
    unknown = [w for w in principals(topics) if w not in users and not w.startswith(_OFFICE)]
    if unknown:
        raise TopicsError(f"no password for {', '.join(unknown)}")
    existing = _existing(admin)
    changes = _create(admin, [topic for topic in topics if topic.name not in existing])
    kept = [topic for topic in topics if topic.name in existing]
    _check_partitions(kept, {name: len(found.partitions) for name, found in existing.items()})
    changes += _configure(admin, kept)
    _set_passwords(admin, logins)
    wanted = permissions(topics)
    changes += _permit(admin, wanted)
    _settle(admin, set(logins), wanted)
    return changes


def _existing(admin: AdminClient) -> Mapping[str, Any]:
    deadline = time.monotonic() + TIMEOUT
    while True:
        admin.poll(0)
        try:
            topics: Mapping[str, Any] = admin.list_topics(timeout=1).topics
        except KafkaException as error:
            if time.monotonic() > deadline:
                raise TopicsError("the Kafka cluster doesn't answer") from error
        else:
            return topics


def _check_partitions(topics: Iterable[Topic], found: Mapping[str, int]) -> None:
    for topic in topics:
        if found[topic.name] != topic.partitions:
            raise TopicsError(
                f"{topic.name} has {found[topic.name]} partitions, the catalogue says "
                f"{topic.partitions}: that would break the order of each key, so make a new topic "
                "and drain this one"
            )


def _create(admin: AdminClient, topics: list[Topic]) -> list[str]:
    if not topics:
        return []
    wanted = [NewTopic(t.name, num_partitions=t.partitions, config=t.settings) for t in topics]
    for name, answer in admin.create_topics(wanted, request_timeout=TIMEOUT).items():
        try:
            answer.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:  # a twin of this job
                raise TopicsError(f"{name}: {error.args[0].str()}") from error
    return [f"topic {topic.name}" for topic in topics]


def _configure(admin: AdminClient, topics: list[Topic]) -> list[str]:
    if not topics:
        return []
    resources = {t.name: ConfigResource(ConfigResource.Type.TOPIC, t.name) for t in topics}
    answers = admin.describe_configs(list(resources.values()), request_timeout=TIMEOUT)
    now = {resource.name: answer.result() for resource, answer in answers.items()}
    changed, told = [], []
    for topic in topics:
        differ = {
            key: value
            for key, value in topic.settings.items()
            if now[topic.name][key].value != value
        }
        if differ:
            entries = [
                ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
                for key, value in differ.items()
            ]
            changed.append(
                ConfigResource(ConfigResource.Type.TOPIC, topic.name, incremental_configs=entries)
            )
            told += [f"{topic.name}: {key}={value}" for key, value in differ.items()]
    if changed:
        for answer in admin.incremental_alter_configs(changed, request_timeout=TIMEOUT).values():
            answer.result()
    return told


def _set_passwords(admin: AdminClient, users: Mapping[str, str]) -> None:
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 8192)
    wanted = [
        UserScramCredentialUpsertion(who, info, password.encode())
        for who, password in users.items()
    ]
    answers = admin.alter_user_scram_credentials(wanted, request_timeout=TIMEOUT)
    for answer in answers.values():
        answer.result()


def _permit(admin: AdminClient, wanted: frozenset[Permission]) -> list[str]:
    """Adds the permissions that are missing and takes away those that nobody declared."""
    ours = {permission.principal for permission in wanted}
    present = _present(admin)
    missing = [p for p in sorted(wanted) if p not in present]
    surplus = [p for p in sorted(present) if p.principal in ours and p not in wanted]
    if missing:
        for answer in admin.create_acls([_binding(p) for p in missing]).values():
            answer.result()
    if surplus:
        filters = [_exactly(present[p]) for p in surplus]
        for answer in admin.delete_acls(filters).values():
            answer.result()
    return [f"allow {_spoken(p)}" for p in missing] + [f"forbid {_spoken(p)}" for p in surplus]


def _settle(admin: AdminClient, users: set[str], wanted: frozenset[Permission]) -> None:
    """Waits until the broker knows what the controller has accepted: it learns a moment later."""
    deadline = time.monotonic() + SETTLE
    while True:
        known = admin.describe_user_scram_credentials(request_timeout=TIMEOUT).result()
        if users <= known.keys() and wanted <= _present(admin).keys():
            return
        if time.monotonic() > deadline:
            raise TopicsError("the brokers don't take over the new logins and permissions")
        time.sleep(0.05)


def _present(admin: AdminClient) -> dict[Permission, AclBinding]:
    """All permissions there are, as the broker knows them."""
    everything = AclBindingFilter(
        ResourceType.ANY, None, ResourcePatternType.ANY, None, None,
        AclOperation.ANY, AclPermissionType.ANY,
    )  # fmt: skip
    found = admin.describe_acls(everything, request_timeout=TIMEOUT).result()
    return {_permission(binding): binding for binding in found}


def _binding(permission: Permission) -> AclBinding:
    return AclBinding(
        ResourceType[permission.resource],
        permission.name,
        ResourcePatternType.PREFIXED if permission.prefix else ResourcePatternType.LITERAL,
        f"User:{permission.principal}",
        "*",
        AclOperation[permission.operation],
        AclPermissionType.ALLOW,
    )


def _exactly(binding: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        binding.restype,
        binding.name,
        binding.resource_pattern_type,
        binding.principal,
        binding.host,
        binding.operation,
        binding.permission_type,
    )


def _permission(binding: AclBinding) -> Permission:
    return Permission(
        binding.principal.removeprefix("User:"),
        binding.restype.name,
        binding.name,
        binding.operation.name,
        binding.resource_pattern_type == ResourcePatternType.PREFIXED,
    )


def _spoken(permission: Permission) -> str:
    star = "*" if permission.prefix else ""
    kind = permission.resource.lower()
    return f"{permission.principal} {permission.operation} {kind} {permission.name}{star}"


def main() -> None:
    """The command line; the cluster and the administrator's login are BINAAN_KAFKA_… settings."""
    parser = argparse.ArgumentParser(prog="python -m shared.topics", description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    making = acts.add_parser("apply", help="make the cluster what the catalogue says")
    making.add_argument("--users", type=Path, required=True, help="JSON file of the passwords")
    showing = acts.add_parser("show", help="what the catalogue allows to a login")
    showing.add_argument("login")
    chosen = parser.parse_args()
    try:
        lines = _apply(chosen.users) if chosen.act == "apply" else show(chosen.login)
    except (TopicsError, SettingsError, OSError, ValueError) as error:
        sys.exit(f"topics: {error}")
    sys.stdout.write("\n".join(lines) + "\n")


def show(login: str) -> list[str]:
    """What the catalogue allows to a login. Raises TopicsError for one that it doesn't name."""
    allowed = [f"allow {_spoken(p)}" for p in sorted(permissions()) if p.principal == login]
    if not allowed:
        offices = [who for who in principals() if who.startswith(_OFFICE)]
        raise TopicsError(f"the catalogue knows no {login}; its offices are {', '.join(offices)}")
    return allowed


def _apply(users: Path) -> list[str]:
    kafka = load_settings("topics").kafka
    ca = str(kafka.ca_file or "")
    admin = administrator(kafka.bootstrap, kafka.username, kafka.password, kafka.security, ca)
    return apply(admin, json.loads(users.read_text())) or ["nothing to change"]


if __name__ == "__main__":
    main()
