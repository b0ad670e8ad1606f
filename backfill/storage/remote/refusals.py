"""Why a store refused, in one sentence: where, and which right, key or server is missing.

The libraries' own messages are never passed on: they repeat URLs with their signatures.
"""

import errno
import os
from collections.abc import Iterator
from typing import Any

from backfill.storage.remote.path import RemotePath

_RIGHTS = {
    "s3": {"read": "s3:GetObject", "write": "s3:PutObject", "list": "s3:ListBucket"},
    "gs": {"read": "storage.objects.get", "write": "storage.objects.create", "list": "storage.objects.list"},
    "az": {
        "read": "Storage Blob Data Reader (in a SAS: read)",
        "write": "Storage Blob Data Contributor (in a SAS: create)",
        "list": "Storage Blob Data Reader (in a SAS: list)",
    },
}
_LISTING = {"s3": "s3:ListBucket", "gs": "storage.objects.list", "az": "list in a SAS"}
_CREDENTIALS = {
    "s3": "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS, or run gcloud auth application-default login",
    "az": "set AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT_NAME with a key or az login",
}
_NO_CREDENTIALS = {
    *("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "DefaultCredentialsError", "RefreshError"),
    *("TokenRetrievalError", "UnauthorizedSSOTokenError", "CredentialUnavailableError", "ClientAuthenticationError"),
    "MalformedError",
}
_UNREACHABLE = {
    *("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ServerTimeoutError", "FSTimeoutError"),
    *("ClientConnectorError", "ClientConnectorDNSError", "ServerDisconnectedError", "ServiceRequestError"),
    *("ConnectionTimeoutError", "SocketTimeoutError", "TransportError", "gaierror", "ConnectionLost"),
    *("HTTPClientError", "ConnectionClosedError", "ServiceResponseError", "ConnectionError", "TimeoutError"),
}
_BROKEN_OFF = {"ContentLengthError", "TransferEncodingError", "ClientPayloadError"}
_TAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "412"}
_NOT_THERE = {404, 410}
_WITHHELD = {401, 403}
_EXPIRED = {"ExpiredToken", "TokenRefreshRequired", "ExpiredTokenException"}
_UNKNOWN = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "AuthFailure"}  # to S3
_UNKNOWN |= {"AuthenticationFailed", "InvalidAuthenticationInfo", "NoAuthenticationInformation"}  # to Azure
_ELSEWHERE = {"PermanentRedirect", "AuthorizationHeaderMalformed", "301", "IllegalLocationConstraintException"}
_NO_NAME = {"InvalidBucketName", "InvalidResourceName", "OutOfRangeInput"}
_WORDLESS = {"301", "400", "403"}  # what S3 says to HEAD, whose answer has no body


class RemoteError(OSError):
    """`denied` says that a right is missing: what was asked for may be there."""

    def __init__(self, sentence: str, denied: bool = False):
        super().__init__(errno.EIO, sentence)
        self.denied = denied


class NotThere(RemoteError, FileNotFoundError):
    """There is no such file, or no such bucket."""


def name_is_taken(error: BaseException) -> bool:
    """Whether a file could not be created because there is one."""
    return any(
        isinstance(one, FileExistsError) or _code(one) in _TAKEN or (_status(one) == 412) for one in _chain(error)
    )


def knows_no_conditions(error: BaseException) -> bool:
    """Whether a store takes files, and does not know how to create one alone."""
    return any(_code(one) == "NotImplemented" or _status(one) == 501 for one in _chain(error))


def says_nothing(error: BaseException) -> bool:
    """Whether S3 has refused without a word on why."""
    return bool({_code(one) for one in _chain(error)} & _WORDLESS)


def explained(error: BaseException, path: RemotePath, doing: str) -> RemoteError:
    """The error that says why something could not be done: `doing` is to read, to write or to list."""
    chain = list(_chain(error))
    names = {kind.__name__ for one in chain for kind in type(one).__mro__}
    statuses = {status for one in chain if (status := _status(one))}
    codes = {code for one in chain if (code := _code(one))}
    if why := _credentials(error, path, names, statuses, codes) or _setting(error, path, names, codes):
        return RemoteError(why)
    if "HostKeyNotVerifiable" in names:
        server = path.host.rpartition("@")[2]
        return RemoteError(f"the key that {server} shows is not in ~/.ssh/known_hosts; compare it, then enter it there")
    if "PermissionDenied" in names:
        return RemoteError(
            f"{path.host} lets nobody in with these keys; give one by ssh-agent or ~/.ssh/config, "
            "or a password in BACKFILL_SFTP_PASSWORD"
        )
    if isinstance(error, PermissionError) or "SFTPPermissionDenied" in names or statuses & _WITHHELD:
        return RemoteError(_denied(path, doing), denied=True)
    if names & _UNREACHABLE or _errno(chain):
        return RemoteError(f"{_place(path)} can't be reached ({type(chain[-1]).__name__})")
    if codes & {"NoSuchBucket", "ContainerNotFound"}:
        return NotThere(f"there is no {_place(path)}")
    if names & _BROKEN_OFF:
        return RemoteError(f"{_place(path)} broke off before the end of the file; run again")
    if "TooManyRedirects" in names:
        return RemoteError("leads on from one address to the next, and to no file; look at it in a browser")
    missing = names if not path.read_only else {type(chain[-1]).__name__}  # fsspec calls all that fails so on the web
    if statuses <= _NOT_THERE and (statuses or missing & {"FileNotFoundError", "SFTPNoSuchFile"}):
        return NotThere(_not_there(path, doing))
    what = ", ".join([type(chain[-1]).__name__, *map(str, sorted(statuses)), *sorted(codes)])
    return RemoteError(f"{_place(path)} gave no answer to go by, to a request to {doing} ({what})")


def _credentials(
    error: BaseException, path: RemotePath, names: set[str], statuses: set[int], codes: set[str]
) -> str | None:
    """What is wrong with the credentials themselves; None where it is something else."""
    takes = f"{path.scheme}:// takes"
    if codes & _EXPIRED:
        return f"the credentials for {_place(path)} have expired; get new ones"
    if codes & _UNKNOWN or (path.scheme == "gs" and 401 in statuses):
        which = ", ".join(sorted(codes & _UNKNOWN) or ["401"])
        return f"the credentials for {_place(path)} are wrong or have expired ({which}); get new ones"
    if codes & {"AuthorizationFailure"}:  # Azure's, where it is no single right that is missing
        rules = "the account's network rules keep this machine out"
        return f"{_place(path)} lets nobody in with these credentials: they are wrong or have expired, or {rules}"
    if codes & {"RequestTimeTooSkewed"}:
        return f"{_place(path)} does not take what this machine signs, as its clock is wrong; set it"
    if names & _NO_CREDENTIALS or (path.scheme == "az" and isinstance(error, ValueError)):
        unusable = {"gs": "GOOGLE_APPLICATION_CREDENTIALS", "az": "AZURE_STORAGE_CONNECTION_STRING"}.get(path.scheme)
        if unusable and os.environ.get(unusable):
            return f"{unusable} is set, and holds no credentials that {takes}"
        return f"no credentials that {takes} were found; {_CREDENTIALS.get(path.scheme, '')}"
    return None


def _setting(error: BaseException, path: RemotePath, names: set[str], codes: set[str]) -> str | None:
    """Which name or address can't be right; None where they may be."""
    if codes & _NO_NAME or "ParamValidationError" in names:
        return f"{_place(path)} has a name that none can have"
    if codes & _ELSEWHERE:
        return f"{_place(path)} is in another region, or at another address; set AWS_DEFAULT_REGION or AWS_ENDPOINT_URL"
    if "InvalidRegionError" in names:
        return "AWS_DEFAULT_REGION, or the region of the profile, is no region"
    if path.scheme == "s3" and isinstance(error, ValueError) and "endpoint" in str(error):
        return "AWS_ENDPOINT_URL is no address; it begins with https://"
    return None


def _denied(path: RemotePath, doing: str) -> str:
    right = _RIGHTS.get(path.scheme, {}).get(doing)
    if right is None:
        return f"{_place(path)} does not let this user {doing} there"
    unlisted = f"; without {_LISTING[path.scheme]} a file that is not there looks like this too"
    return f"access denied: to {doing} takes {right} on {_place(path)}{unlisted if doing == 'read' else ''}"


def _not_there(path: RemotePath, doing: str) -> str:
    what = "folder" if doing == "write" else "file"
    perhaps = {"gs": ", or no such bucket", "az": ", or no such container"}.get(path.scheme, "")
    return f"there is no such {what} in {_place(path)}{perhaps}"


def _place(path: RemotePath) -> str:
    kind = {"s3": "bucket ", "gs": "bucket ", "az": "container "}.get(path.scheme, "")
    return f"{kind}{path.host}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what led to it, the first cause last."""
    seen: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in seen:
        seen.append(at)
        yield at
        at = at.__cause__ or at.__context__


def _status(error: Any) -> int | None:
    """The HTTP status in a library's exception."""
    answer = getattr(error, "response", None)
    found = answer.get("ResponseMetadata", {}).get("HTTPStatusCode") if isinstance(answer, dict) else None
    for name in ("status_code", "status", "code"):
        found = found if found is not None else getattr(error, name, None)
    if found is None and str(error).startswith("Forbidden: "):  # which gcsfs makes of 403
        found = 403
    return int(str(found)) if str(found).isdigit() and 300 <= int(str(found)) < 600 else None


def _code(error: Any) -> str | None:
    """The store's own word for the error."""
    answer = getattr(error, "response", None)
    found = answer.get("Error", {}).get("Code") if isinstance(answer, dict) else getattr(error, "error_code", None)
    return str(getattr(found, "value", found)) if found else None


def _errno(chain: list[BaseException]) -> bool:
    return any(isinstance(one, OSError) and one.errno in (errno.ECONNREFUSED, errno.EHOSTUNREACH) for one in chain)
