"""The `export` lines of everything that runs, for any tool that wants to join."""

import shlex

from deploy.local.bootstrap import Stop
from deploy.local.stack import LocalStack
from deploy.roles import SERVICES

ROLES = ("kasi", "petugas", "fasilitator", "verifikator", "auditor", "operator")


def variables(stack: LocalStack) -> dict[str, str]:
    """Names and values. Raises Stop when nothing is running."""
    if not stack.instance.exists or not stack.processes.running():
        raise Stop("Nothing is running: start it with `make demo` or `make up`.")
    services = stack.services
    found = {f"{service.upper()}_URL": services.url(service) for service in SERVICES}
    found |= {
        "START_URL": f"{services.url('registry')}/",
        "DATABASE_URL": stack.database_url(),
        "KAFKA_BOOTSTRAP": stack.kafka.bootstrap,
        "KAFKA_SECURITY": "SASL_PLAINTEXT",
        "KAFKA_MECHANISM": "SCRAM-SHA-512",
        "KAFKA_USERNAME": "admin",
        "KAFKA_PASSWORD": stack.kafka.password,
    }
    for login in _offices():
        name, office = login.upper().replace(".", "_").replace("-", "_"), login.partition("-")[2]
        found[f"{name}_USERNAME"] = login
        found[f"{name}_PASSWORD"] = services.kafka_password(login)
        found[f"{name}_TOKEN"] = services.token("dinas", office=office)
    found |= {f"TOKEN_{role.upper()}": services.token(role) for role in ROLES}
    return found


def _offices() -> list[str]:
    """The logins of the offices that publish."""
    from shared.topics import principals

    return [who for who in principals() if who.startswith("office-")]


def exports(stack: LocalStack) -> str:
    """Lines for `eval "$(make -s env)"`."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables(stack).items()]
    return "\n".join(lines)
