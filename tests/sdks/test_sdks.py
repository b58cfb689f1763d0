"""Real SDKs, unmodified, against a double. `make sdks` installs them (dependency group `sdks`) and runs this."""

from __future__ import annotations

import asyncio
import io
import json
import re
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

import lookalike

TODO = {"id": 1, "title": "Make the bed"}


def sdk(name: str) -> Any:
    """The SDK's module; the test is skipped where it isn't installed."""
    return pytest.importorskip(name, reason=f"{name} is not installed: make sdks")


@pytest.fixture(autouse=True)
def quiet_third_parties(recwarn: pytest.WarningsRecorder) -> None:
    """What an SDK deprecates in Python or in another SDK is no affair of ours."""


def test_google_api_python_client() -> None:
    sdk("googleapiclient")
    from google.oauth2.credentials import Credentials
    from googleapiclient.discovery import build
    from googleapiclient.errors import HttpError
    from googleapiclient.http import MediaIoBaseUpload

    with lookalike.Api(base_url="https://www.googleapis.com").mock() as mock:
        drive = build("drive", "v3", credentials=Credentials("t"), static_discovery=True, cache_discovery=False)
        mock.get("/drive/v3/files").respond(json={"files": [{"id": "1"}], "nextPageToken": "n"})
        mock.get("/drive/v3/files", params={"pageToken": "n"}).respond(json={"files": [{"id": "2"}]})
        found, request = [], drive.files().list()
        while request is not None:
            page = request.execute()
            found += [file["id"] for file in page["files"]]
            request = drive.files().list_next(request, page)
        assert found == ["1", "2"]

        content = b"\0\xff\r\n" * 100
        upload = mock.post("/upload/drive/v3/files", params={"uploadType": "multipart"}).respond(json={"id": "u"})
        media = MediaIoBaseUpload(io.BytesIO(content), "application/octet-stream")
        assert drive.files().create(body={"name": "a"}, media_body=media).execute() == {"id": "u"}
        assert content in upload.calls.last.request.content
        assert upload.calls.last.request.content_type == "multipart/related"

        mock.get("/drive/v3/files/none").respond(404, json={"error": {"code": 404, "message": "File not found"}})
        with pytest.raises(HttpError) as caught:
            drive.files().get(fileId="none").execute()
        assert caught.value.status_code == 404


def test_facebook_business() -> None:
    sdk("facebook_business")
    from facebook_business.adobjects.adaccount import AdAccount
    from facebook_business.api import FacebookAdsApi
    from facebook_business.exceptions import FacebookRequestError

    with lookalike.Api(base_url="https://graph.facebook.com").mock() as mock:
        FacebookAdsApi.init("1", "2", "3", crash_log=False)
        version = FacebookAdsApi.API_VERSION
        mock.get(f"/{version}/act_1/campaigns").respond(json={"data": [{"id": "9", "name": "c"}], "paging": {}})
        assert [one["name"] for one in AdAccount("act_1").get_campaigns(fields=["name"])] == ["c"]
        error = {"message": "m", "code": 190, "type": "OAuthException"}
        mock.get(f"/{version}/act_1/").respond(400, json={"error": error})
        with pytest.raises(FacebookRequestError) as caught:
            AdAccount("act_1").api_get()
        assert caught.value.api_error_code() == 190


def _version_checked(fine: bool) -> bytes:
    """A reply of Thrift's binary protocol: version 1, a REPLY named checkVersion, its result the field 0, a bool."""
    name = b"checkVersion"
    head = b"\x80\x01\x00\x02" + len(name).to_bytes(4, "big") + name + b"\0\0\0\0"
    return head + b"\x02\x00\x00" + (b"\x01" if fine else b"\x00") + b"\x00"


def test_evernote3() -> None:
    sdk("evernote")
    from evernote.edam.userstore import UserStore
    from thrift.protocol import TBinaryProtocol
    from thrift.transport import THttpClient

    with lookalike.Api(base_url="https://www.evernote.com").mock() as mock:
        route = mock.post("//edam/user").respond(
            content=_version_checked(True), headers={"content-type": "application/x-thrift"}
        )
        transport = THttpClient.THttpClient("https://www.evernote.com//edam/user")
        store = UserStore.Client(TBinaryProtocol.TBinaryProtocol(transport))
        assert store.checkVersion("test", 1, 28) is True
        assert b"checkVersion" in route.calls.last.request.content
        assert route.calls.last.request.content.startswith(b"\x80\x01\x00\x01")


def test_stripe() -> None:
    stripe = sdk("stripe")
    client = stripe.StripeClient("sk_test_1", max_network_retries=2)
    with lookalike.Api(base_url="https://api.stripe.com").mock() as mock:
        listed = {"object": "list", "data": [{"id": "cus_1", "object": "customer"}], "has_more": False, "url": "/v1/x"}
        mock.get("/v1/customers").respond(json=listed)
        mock.post("/v1/customers", form={"email": "a@example.com"}).respond(
            json={"id": "cus_2", "object": "customer", "email": "a@example.com"}
        )
        mock.get("/v1/customers/none").respond(
            404, json={"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "No such"}}
        )
        retried = mock.get("/v1/balance").fail("reset").then.respond(json={"object": "balance"})
        assert client.v1.customers.list().data[0].id == "cus_1"
        assert client.v1.customers.create(params={"email": "a@example.com"}).email == "a@example.com"
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.customers.retrieve("none")
        assert client.v1.balance.retrieve().object == "balance"
        assert retried.call_count == 2


def test_pygithub() -> None:
    sdk("github")
    from github import Auth, Github, UnknownObjectException

    with lookalike.Api(base_url="https://api.github.com").mock() as mock:
        mock.get("/repos/o/r").respond(json={"id": 1, "full_name": "o/r", "url": "https://api.github.com/repos/o/r"})
        link = '<https://api.github.com/repos/o/r/issues?page=2>; rel="next"'
        mock.get("/repos/o/r/issues").respond(json=[{"number": 1}], headers={"link": link})
        mock.get("/repos/o/r/issues", params={"page": 2}).respond(json=[{"number": 2}])
        mock.get("/repos/o/none").respond(404, json={"message": "Not Found"})
        client = Github(auth=Auth.Token("t"), retry=None)
        assert [issue.number for issue in client.get_repo("o/r").get_issues()] == [1, 2]
        with pytest.raises(UnknownObjectException):
            client.get_repo("o/none")
        client.close()


def _chunk(text: str) -> str:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    return json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]})


_ANSWER = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
}
_ASKED: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hello?"}]}


def test_openai() -> None:
    openai = sdk("openai")
    with lookalike.Api(base_url="https://api.openai.com/v1").mock() as mock:
        mock.post("/chat/completions").respond(json=_ANSWER)
        mock.post("/chat/completions", json=lookalike.including({"stream": True})).respond(
            sse=[_chunk("hel"), _chunk("lo"), "[DONE]"]
        )
        mock.get("/models").respond(500).then.respond(json={"object": "list", "data": []})
        mock.get("/models/none").respond(404, json={"error": {"message": "no"}})
        with openai.OpenAI(api_key="k", max_retries=1) as client:
            assert client.chat.completions.create(**_ASKED).choices[0].message.content == "hello"
            streamed = client.chat.completions.create(**_ASKED, stream=True)
            assert "".join(part.choices[0].delta.content for part in streamed) == "hello"
            assert client.models.list().data == []
            with pytest.raises(openai.NotFoundError):
                client.models.retrieve("none")


def test_openai_async() -> None:
    openai = sdk("openai")

    async def events() -> AsyncIterator[str]:
        for text in ("hel", "lo"):
            yield f"data: {_chunk(text)}\n\n"
        yield "data: [DONE]\n\n"

    async def main() -> str:
        async with openai.AsyncOpenAI(api_key="k", max_retries=0) as client:
            answer = await client.chat.completions.create(**_ASKED)
            assert answer.choices[0].message.content == "hello"
            streamed = await client.chat.completions.create(**_ASKED, stream=True)
            return "".join([part.choices[0].delta.content async for part in streamed])

    with lookalike.Api(base_url="https://api.openai.com/v1").mock() as mock:
        mock.post("/chat/completions").respond(json=_ANSWER)
        mock.post("/chat/completions", json=lookalike.including({"stream": True})).respond(
            stream=events, headers={"content-type": "text/event-stream"}
        )
        assert asyncio.run(main()) == "hello"


def test_slack_sdk() -> None:
    sdk("slack_sdk")
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError

    with lookalike.Api(base_url="https://slack.com/api").mock() as mock:
        mock.post("/chat.postMessage").respond(json={"ok": True, "ts": "1.2"})
        mock.post("/auth.test").respond(json={"ok": False, "error": "invalid_auth"})
        client = WebClient(token="xoxb-1")
        assert client.chat_postMessage(channel="C1", text="hällo").data["ts"] == "1.2"
        with pytest.raises(SlackApiError, match="invalid_auth"):
            client.auth_test()
        assert mock.calls[0].request.json()["text"] == "hällo"


def test_slack_sdk_async() -> None:
    sdk("slack_sdk")
    from slack_sdk.errors import SlackApiError
    from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
    from slack_sdk.web.async_client import AsyncWebClient

    async def main() -> None:
        client = AsyncWebClient(token="xoxb-1", retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=1)])
        pages = [page["members"] async for page in await client.users_list(limit=1)]
        assert pages == [["U1"], ["U2"]]
        with pytest.raises(SlackApiError, match="invalid_auth"):
            await client.auth_test()
        await client.files_upload_v2(channel="C1", content=b"\0\xff", filename="a.bin")

    with lookalike.Api(base_url="https://slack.com/api").mock() as mock:
        first = {"ok": True, "members": ["U1"], "response_metadata": {"next_cursor": "n"}}
        limited = mock.get("/users.list").respond(429, json={"ok": False}, headers={"retry-after": "0"})
        limited.then.respond(json=first)
        mock.get("/users.list", params={"cursor": "n"}).respond(json={"ok": True, "members": ["U2"]})
        mock.post("/auth.test").respond(json={"ok": False, "error": "invalid_auth"})
        upload = "https://files.slack.com/upload/v1/x"
        mock.route("*", "/files.getUploadURLExternal").respond(json={"ok": True, "upload_url": upload, "file_id": "F1"})
        uploaded = mock.post(upload).respond(text="OK")
        mock.post("/files.completeUploadExternal").respond(json={"ok": True, "files": [{"id": "F1"}]})
        asyncio.run(main())
        assert limited.call_count == 2
        assert b"\0\xff" in uploaded.calls.last.request.content


def test_aiodocker() -> None:
    """Its URLs are `tcp://...`; it streams, and asks on over the same connection."""
    aiodocker = sdk("aiodocker")

    async def main() -> list[str]:
        async with aiodocker.Docker("tcp://docker.test:2375", api_version="v1.44") as docker:
            assert [one.id for one in await docker.containers.list()] == ["a"]
            pulled = [line["status"] async for line in docker.images.pull("alpine", stream=True)]
            for _ in range(2):
                with pytest.raises(aiodocker.exceptions.DockerError, match="No such container"):
                    await docker.containers.get("none")
            return pulled

    with lookalike.Api(base_url="http://docker.test:2375/v1.44").mock() as mock:
        mock.get("/containers/json").respond(json=[{"Id": "a"}])
        lines = [b'{"status": "Pul', b'ling"}\r\n{"status"', b': "Done"}\r\n']
        mock.post("/images/create").respond(stream=lines, headers={"content-type": "application/json"})
        mock.get("/containers/none/json").respond(404, json={"message": "No such container: none"})
        assert asyncio.run(main()) == ["Pulling", "Done"]


def test_azure_storage_blob_async() -> None:
    sdk("azure.storage.blob")
    from azure.core.exceptions import ResourceNotFoundError, ServiceResponseTimeoutError
    from azure.storage.blob.aio import BlobServiceClient

    content, when = b"\0\xff" * 50_000, {"etag": '"e"', "last-modified": "Wed, 21 Oct 2015 07:28:00 GMT"}
    key = {"account_name": "acc", "account_key": "a2V5"}
    quick = {"retry_total": 1, "initial_backoff": 0, "increment_base": 0, "retry_backoff_factor": 0}

    async def main() -> None:
        async with BlobServiceClient("https://acc.blob.core.windows.net", credential=key, **quick) as service:
            blob = service.get_blob_client("box", "blob")
            await blob.upload_blob(content, overwrite=True)
            assert await (await blob.download_blob()).readall() == content
            with pytest.raises(ResourceNotFoundError):
                await service.get_blob_client("box", "none").get_blob_properties()
            await blob.delete_blob()
            with pytest.raises(ServiceResponseTimeoutError):
                await service.get_service_properties(read_timeout=1)

    with lookalike.Api(base_url="https://acc.blob.core.windows.net").mock() as mock:
        put = mock.put("/box/blob").respond(201, headers=when)
        span = {"content-range": f"bytes 0-{len(content) - 1}/{len(content)}", "x-ms-blob-type": "BlockBlob", **when}
        mock.get("/box/blob").respond(206, content=content, headers=span)
        mock.head("/box/none").respond(404, headers={"x-ms-error-code": "BlobNotFound"})
        deleted = mock.delete("/box/blob").respond(503).then.fail("reset").then.respond(202)
        mock.get("/", params={"restype": "service"}).respond(200, content=b"", delay=100)
        asyncio.run(main())
        assert put.calls.last.request.content == content
        assert deleted.call_count == 3


def test_sentry_sdk() -> None:
    """It sends from a thread of its own; what it swallows there is told as the mock ends."""
    sentry = sdk("sentry_sdk")
    threads = set(threading.enumerate())
    api = lookalike.Api(base_url="https://o1.ingest.sentry.io")

    def unexpected() -> None:
        with api.mock():
            sentry.init("https://key@o1.ingest.sentry.io/1", default_integrations=False)
            sentry.capture_message("nobody expects this")
            sentry.flush(10)
            sentry.get_client().close()

    with api.mock() as mock:
        sent = mock.post("/api/1/envelope/").respond(json={"id": "1"}).then.respond(429, headers={"retry-after": "60"})
        sentry.init("https://key@o1.ingest.sentry.io/1", default_integrations=False)
        for message in ("first", "second", "held back"):
            sentry.capture_message(message)
            sentry.flush(10)
        assert sent.call_count == 2
        sentry.get_client().close()
    with pytest.raises(lookalike.UnmatchedRequest, match="api/1/envelope"):
        unexpected()
    sentry.init(default_integrations=False)
    for thread in set(threading.enumerate()) - threads:
        thread.join(10)
        assert not thread.is_alive()


_AWS = {"region_name": "eu-west-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}


def test_boto3_s3() -> None:
    boto3 = sdk("boto3")
    bucket = "https://bucket.s3.eu-west-1.amazonaws.com"
    with lookalike.Api(base_url="https://s3.eu-west-1.amazonaws.com").mock() as mock:
        put = mock.put(f"{bucket}/key").respond(200, headers={"etag": '"e"'})
        mock.get(f"{bucket}/key").respond(content=b"\0\x01data", headers={"etag": '"e"'})
        mock.get(f"{bucket}/none").respond(404, text="<Error><Code>NoSuchKey</Code><Message>m</Message></Error>")
        client = boto3.client("s3", **_AWS)
        assert client.put_object(Bucket="bucket", Key="key", Body=b"hello" * 10)["ETag"] == '"e"'
        assert b"hello" * 10 in put.calls.last.request.content
        assert list(client.get_object(Bucket="bucket", Key="key")["Body"].iter_chunks(4)) == [b"\0\x01da", b"ta"]
        with pytest.raises(client.exceptions.NoSuchKey):
            client.get_object(Bucket="bucket", Key="none")
        client.close()


def test_boto3_multipart() -> None:
    """Parts go and come in threads."""
    boto3 = sdk("boto3")
    from boto3.s3.transfer import TransferConfig

    size, url = 5 * 1024 * 1024, "https://bucket.s3.eu-west-1.amazonaws.com/key"
    content = b"0123456789abcdef" * (size // 16) * 2 + b"end"
    in_parts = TransferConfig(multipart_threshold=size, multipart_chunksize=size, max_concurrency=4)
    etag = {"etag": '"e"'}

    def part(request: lookalike.Request) -> lookalike.Response:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers["range"])
        assert asked is not None
        start, last = int(asked[1]), min(int(asked[2] or len(content)), len(content) - 1)
        span = {"content-range": f"bytes {start}-{last}/{len(content)}", **etag}
        return lookalike.Response(206, content=content[start : last + 1], headers=span)

    with lookalike.Api(base_url="https://s3.eu-west-1.amazonaws.com").mock() as mock:
        done = "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"
        mock.post(url, params={"uploadId": "u1"}).respond(text=done)
        begun = "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>"
        mock.post(f"{url}?uploads").respond(text=begun)
        parts = mock.put(url, params={"uploadId": "u1"}).respond(200, headers=etag)
        mock.head(url).respond(200, headers={"content-length": str(len(content)), **etag})
        mock.get(url).respond_with(part)
        client = boto3.client("s3", **_AWS)
        client.upload_fileobj(io.BytesIO(content), "bucket", "key", Config=in_parts)
        assert sorted(str(call.request.params["partNumber"]) for call in parts.calls) == ["1", "2", "3"]
        downloaded = io.BytesIO()
        client.download_fileobj("bucket", "key", downloaded, Config=in_parts)
        assert downloaded.getvalue() == content
        client.close()


def test_boto3_dynamodb() -> None:
    boto3 = sdk("boto3")
    target = {"x-amz-target": lookalike.matching(r".*\.GetItem")}
    with lookalike.Api(base_url="https://dynamodb.eu-west-1.amazonaws.com").mock() as mock:
        mock.post("/", headers=target, json=lookalike.including({"TableName": "todos"})).respond(
            json={"Item": {"id": {"N": "1"}}}, headers={"content-type": "application/x-amz-json-1.0"}
        )
        # An account's own host is asked where the SDK knows it; the names of one table are one route here.
        client = boto3.client("dynamodb", **_AWS, endpoint_url="https://dynamodb.eu-west-1.amazonaws.com")
        assert client.get_item(TableName="todos", Key={"id": {"N": "1"}})["Item"] == {"id": {"N": "1"}}
        client.close()


def test_twilio() -> None:
    sdk("twilio")
    from twilio.base.exceptions import TwilioRestException
    from twilio.rest import Client

    with lookalike.Api(base_url="https://api.twilio.com/2010-04-01").mock() as mock:
        mock.post("/Accounts/AC1/Messages.json", form={"To": "+1", "From": "+2", "Body": "hé"}).respond(
            201, json={"sid": "SM1", "status": "queued"}
        )
        mock.get("/Accounts/AC1/Messages/X.json").respond(404, json={"code": 20404, "message": "none", "status": 404})
        client = Client("AC1", "t")
        assert client.messages.create(to="+1", from_="+2", body="hé").sid == "SM1"
        with pytest.raises(TwilioRestException):
            client.messages("X").fetch()


def test_discord() -> None:
    sdk("discord")
    import aiohttp
    from discord.errors import NotFound
    from discord.http import HTTPClient, Route

    async def main() -> tuple[Any, Any]:
        http = HTTPClient(asyncio.get_running_loop())
        try:
            user = await http.static_login("token")
            limited = await http.request(Route("GET", "/channels/{channel_id}", channel_id=1))
            with pytest.raises(NotFound):
                await http.request(Route("GET", "/channels/{channel_id}", channel_id=2))
            return user, limited["id"]
        finally:
            await http.close()

    assert aiohttp
    with lookalike.Api(base_url="https://discord.com/api/v10").mock() as mock:
        mock.get("/users/@me", headers={"authorization": "Bot token"}).respond(json={"id": "7", "username": "bot"})
        limit = {"message": "You are being rate limited.", "retry_after": 0.01, "global": False}
        channel = mock.get("/channels/1")
        channel.respond(429, json=limit, headers={"via": "1.1 google"}).then.respond(json={"id": "1"})
        mock.get("/channels/2").respond(404, json={"code": 10003, "message": "Unknown Channel"})
        assert asyncio.run(main()) == ({"id": "7", "username": "bot"}, "1")
        assert channel.call_count == 2


def test_requests_oauthlib() -> None:
    sdk("requests_oauthlib")
    from oauthlib.oauth2 import BackendApplicationClient
    from requests_oauthlib import OAuth1Session, OAuth2Session

    with lookalike.Api(base_url="https://idp.example.com").mock() as mock:
        mock.post("/token", form=lookalike.including({"grant_type": "client_credentials"})).respond(
            json={"access_token": "t", "token_type": "Bearer", "expires_in": 3600}
        )
        mock.get("/me", headers={"authorization": "Bearer t"}).respond(json=TODO)
        signed = mock.get("/signed", headers={"authorization": lookalike.matching("OAuth .*")}).respond(json=TODO)
        with OAuth2Session(client=BackendApplicationClient("id")) as session:
            session.fetch_token("https://idp.example.com/token", client_secret="s")
            assert session.get("https://idp.example.com/me").json() == TODO
        with OAuth1Session("key", client_secret="s") as session:
            assert session.get("https://idp.example.com/signed").json() == TODO
        assert "oauth_signature=" in signed.calls.last.request.headers["authorization"]


def test_authlib() -> None:
    sdk("authlib")
    from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuth2Client
    from authlib.integrations.requests_client import OAuth2Session

    token = "https://idp.example.com/token"

    async def main() -> Any:
        async with AsyncOAuth2Client("id", "s") as client:
            await client.fetch_token(token, grant_type="client_credentials")
            return (await client.get("https://idp.example.com/me")).json()

    with lookalike.Api(base_url="https://idp.example.com").mock() as mock:
        mock.post("/token").respond(json={"access_token": "t", "token_type": "Bearer", "expires_in": 3600})
        mock.get("/me", headers={"authorization": "Bearer t"}).respond(json=TODO)
        with OAuth2Client("id", "s", token_endpoint=token) as client:
            client.fetch_token(grant_type="client_credentials")
            assert client.get("https://idp.example.com/me").json() == TODO
        with OAuth2Session("id", "s") as session:
            session.fetch_token(token, grant_type="client_credentials")
            assert session.get("https://idp.example.com/me").json() == TODO
        assert asyncio.run(main()) == TODO
