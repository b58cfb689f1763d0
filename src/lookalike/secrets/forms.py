"""The forms that vendors give their credentials, and where in a text they stand.

Each form begins with a text of its own (`hints`), so a large body is searched for that text alone, at the speed of
memory, and an expression only looks at what follows it. Forms without such a beginning (a bare 40-digit hash) are no
forms here: they would be found in every commit; a secret like that is known by its name.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

# A hint inside of a longer word is none, unless what stands before is an escape: %3D, \n or \u003d.
_BEFORE = re.compile(r"(?:\A|[^A-Za-z0-9]|%[0-9A-Fa-f]{2}|\\[bfnrt]|\\u[0-9A-Fa-f]{4})\Z")
_BEFORE_LONGEST = 6


@dataclass(frozen=True, eq=False)
class Form:
    """A form of credentials.

    kind:    whose, as it is told
    hints:   texts of which one is in each of them
    pattern: an expression for the whole, or with a group `secret` for the part that is to be replaced; it is searched
             for from where a hint may stand, and its repetitions are bounded or end at what they can't contain
    inside:  it may begin in the middle of a word
    check:   whether what the expression found is one
    """

    kind: str
    hints: tuple[str, ...]
    pattern: str
    inside: bool = False
    check: Callable[[str], bool] | None = None

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Compiled when a text first has one of the hints: most forms are never met."""
        return re.compile(self.pattern)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where credentials of this form stand in a text that has one of the hints."""
        for found in self.regex.finditer(text):
            start = found.start()
            if not self.inside and not _BEFORE.search(text, max(0, start - _BEFORE_LONGEST), start):
                continue
            group = "secret" if "secret" in self.regex.groupindex else 0
            if self.check is None or self.check(found[group]):
                yield found.span(group)


def _is_basic(value: str) -> bool:
    try:
        return ":" in base64.b64decode(value, validate=True).decode()
    except ValueError:
        return False


def _form(kind: str, hints: str, pattern: str, *, inside: bool = False) -> Form:
    return Form(kind, tuple(hints.split(" ")), pattern, inside)


_B64 = r"[A-Za-z0-9+/]"
FORMS: tuple[Form, ...] = (
    _form("JSON Web Token (RFC 7519)", "eyJ", r"eyJ[\w-]{6,8000}\.[\w-]{4,}\.[\w-]*"),
    _form("encrypted JSON Web Token (RFC 7516)", "eyJ", r"eyJ[\w-]{6,8000}\.[\w-]*\.[\w-]{4,}\.[\w-]{4,}\.[\w-]{4,}"),
    _form("private key (RFC 7468)", "PRIVATE", r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----[^-]+"
          r"(?:-----END [A-Z ]{0,30}KEY(?: BLOCK)?-----)?", inside=True),
    _form("age key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[0-9A-Z]{50,60}"),
    # Code forges and registries of packages.
    _form("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{20,255}"),
    _form("GitHub fine-grained token", "github_pat_", r"github_pat_\w{20,255}"),
    _form("GitHub token of an installation", "v1.", r"v1\.[0-9a-f]{40}(?![0-9a-f])"),
    _form("GitLab token", "glpat- glptt- gldt- glrt- glrtr- glcbt- glsoat- glft- glagent- glimt- gloas- glffct-",
          r"gl(?:pat|ptt|dt|rtr?|cbt|soat|ft|agent|imt|oas|ffct)-[\w.-]{20,300}"),
    _form("Bitbucket or Atlassian token", "ATATT3 ATBB ATCTT3", r"(?:ATATT3|ATCTT3|ATBB)[\w=-]{24,400}"),
    _form("npm token", "npm_", r"npm_[A-Za-z0-9]{30,60}"),
    _form("PyPI token", "pypi-", r"pypi-[\w-]{16,1000}"),
    _form("RubyGems key", "rubygems_", r"rubygems_[0-9a-f]{48}"),
    _form("crates.io token", "cio", r"cio[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
    _form("Docker token", "dckr_pat_ dckr_oat_", r"dckr_[po]at_[\w-]{20,64}"),
    _form("JFrog key", "AKCp cmVmd", r"AKCp[A-Za-z0-9]{60,80}|cmVmd[A-Za-z0-9]{50,64}(?![A-Za-z0-9])"),
    # Clouds.
    _form("AWS key id", "AKIA ASIA ABIA ACCA", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _form("AWS Bedrock key", "ABSK", rf"ABSK{_B64}{{60,300}}={{0,2}}"),
    _form("Google API key", "AIza", r"AIza[\w-]{35}"),
    _form("Google OAuth token", "ya29. 1//0", r"ya29\.[\w-]{10,2000}|1//0[\w-]{40,200}"),
    _form("Google client secret", "GOCSPX-", r"GOCSPX-[\w-]{20,64}"),
    _form("Azure storage key", "AccountKey=", rf"AccountKey=(?P<secret>{_B64}{{40,100}}={{0,2}})"),
    _form("Azure shared access key", "SharedAccessKey=", rf"SharedAccessKey=(?P<secret>{_B64}{{40,100}}={{0,2}})"),
    _form("Azure client secret", "8Q~ 7Q~", r"[\w~.-]{3}[78]Q~[\w~.-]{31,34}", inside=True),
    _form("Azure DevOps or Functions key", "JQQJ99 AzFu",
          rf"{_B64}{{50,56}}JQQJ99{_B64}{{4,30}}={{0,2}}|[\w-]{{44}}AzFu[\w=-]{{6,10}}|[A-Za-z0-9]{{52}}JQQJ99[A-Za-z0-9]+",
          inside=True),
    _form("DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", r"do[opr]_v1_[0-9a-f]{40,64}"),
    _form("Cloudflare origin CA key", "v1.0-", r"v1\.0-[0-9a-f]{20,30}-[0-9a-f]{100,200}"),
    _form("Heroku key", "HRKU-", r"HRKU-[\w-]{36,70}"),
    _form("HashiCorp Vault token", "hvs. hvb. hvr.", r"hv[sbr]\.[\w-]{20,300}"),
    _form("Terraform Cloud token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}", inside=True),
    _form("Pulumi token", "pul-", r"pul-[0-9a-f]{40}"),
    _form("Databricks token", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
    _form("Fly.io token", "fo1_ FlyV1", r"fo1_[\w-]{43}|FlyV1 fm2_[\w+/=,-]{20,2000}"),
    _form("Scaleway or Supabase key", "sbp_ sb_secret_", r"sbp_[0-9a-f]{40}|sb_secret_[\w-]{20,64}"),
    _form("PlanetScale key", "pscale_", r"pscale_(?:tkn|pw|oauth)_[\w.=-]{32,64}"),
    _form("Alibaba key id", "LTAI", r"LTAI[A-Za-z0-9]{12,30}(?![A-Za-z0-9])"),
    # Messages and mail.
    _form("Slack token", "xox xapp- xwfp-", r"(?:xox[a-z](?:\.xox[a-z])?-|xapp-|xwfp-)[\w-]{10,300}"),
    _form("Slack webhook", "hooks.slack.com", r"hooks\.slack\.com\\?/(?:services|workflows|triggers)\\?/"
          r"(?P<secret>[\w\\/]{20,200})"),
    _form("Discord webhook", "api/webhooks/", r"discord(?:app)?\.com/api/webhooks/(?P<secret>\d{17,20}/[\w-]{40,100})"),
    _form("Discord token", ".", r"[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,38}(?![\w-])"),
    _form("Teams webhook", "webhook.office.com", r"webhook\.office\.com/webhookb2/(?P<secret>[\w@/-]{60,250})"),
    _form("Telegram token", ":AA", r"\d{8,10}:AA[\w-]{33}(?![\w-])"),
    _form("Twilio key", "SK", r"SK[0-9a-f]{32}(?![0-9a-f])"),
    _form("SendGrid key", "SG.", r"SG\.[\w-]{16,32}\.[\w-]{16,64}"),
    _form("Mailgun key", "key-", r"key-[0-9a-f]{32}(?![0-9a-f])"),
    _form("Mailchimp key", "-us", r"[0-9a-f]{32}-us\d{1,2}(?!\w)"),
    _form("Brevo key", "xkeysib- xsmtpsib-", r"x(?:keysib|smtpsib)-[0-9a-f]{64}-\w{10,20}"),
    _form("Postman key", "PMAK-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    # Payment and shops.
    _form("Stripe key", "k_live_ k_test_ whsec_", r"(?:[srp]k_(?:live|test)|whsec)_[\w+/=]{10,250}"),
    _form("Square token", "sq0 EAAA", r"sq0[a-z]{3}-[\w-]{22,60}|EAAA[\w-]{60}(?![\w-])"),
    _form("Shopify token", "shpat_ shpca_ shppa_ shpss_ shptka_", r"shp(?:at|ca|pa|ss|tka)_[0-9a-fA-F]{32}"),
    _form("PayPal or Braintree token", "access_token$",
          r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}"),
    _form("Plaid token", "access-", r"access-(?:sandbox|development|production)-[0-9a-f-]{36}"),
    _form("Flutterwave key", "FLWSECK", r"FLWSECK(?:_TEST)?-[\w-]{12,60}"),
    # Models.
    _form("OpenAI or Anthropic key", "sk-", r"sk-[\w-]{20,300}"),
    _form("Hugging Face token", "hf_ api_org_", r"(?:hf|api_org)_[A-Za-z0-9]{30,60}"),
    _form("xAI, Groq, Perplexity, Replicate, Together or Voyage key", "xai- gsk_ pplx- r8_ tgp_v1_ pa-",
          r"(?:xai-[A-Za-z0-9]{60,100}|gsk_[A-Za-z0-9]{40,64}|pplx-[A-Za-z0-9]{40,64}|r8_[A-Za-z0-9]{37}"
          r"|tgp_v1_[\w-]{40,50}|pa-[\w-]{43})(?![\w-])"),
    # Observing and building.
    _form("Sentry token", "sntrys_ sntryu_", r"sntry[su]_[\w+/=-]{40,400}"),
    _form("Datadog key", "ddapi_ ddapp_", r"dda(?:pi|pp)_[A-Za-z0-9]{30,64}"),
    _form("New Relic key", "NRAK- NRII- NRJS- NRRA- NRAL",
          r"NR(?:AK-[A-Z0-9]{27}|II-[\w-]{32}|JS-[0-9a-f]{19}|RA-[0-9a-f]{42})"
          r"|[0-9a-f]{36}NRAL"),
    _form("Grafana token", "glsa_ glc_", r"glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}|glc_[\w+/=]{32,400}"),
    _form("Dynatrace token", "dt0", r"dt0[a-z]\d{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    _form("CircleCI, Buildkite or Codecov token", "CCIPAT_ CCIPRJ_ bkua_ bkaj_",
          r"CCI(?:PAT|PRJ)_[\w-]{20,100}|bk(?:ua|aj)_[A-Za-z0-9]{40}"),
    _form("Snyk, Sonar or Doppler token", "snyk_ squ_ sqp_ sqa_ dp.",
          r"snyk_[a-z]{3}\.[\w.-]{20,200}|sq[upa]_[0-9a-f]{40}"
          r"|dp\.(?:ct|pt|st|sa|scim|audit)\.[\w.-]{40,60}"),
    _form("1Password token", "ops_eyJ A3-",
          rf"ops_eyJ{_B64}{{200,2000}}={{0,3}}"
          r"|A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}"),
    # Work.
    _form("Linear key", "lin_api_ lin_oauth_", r"lin_(?:api|oauth)_\w{20,80}"),
    _form("Notion token", "ntn_ secret_", r"(?:ntn|secret)_[A-Za-z0-9]{40,64}"),
    _form("Airtable token", "pat", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    _form("Asana token", "1/ 2/", r"[12]/\d{10,20}(?:/\d{10,20})?:[0-9a-f]{32}(?![0-9a-f])"),
    _form("Figma token", "figd_ figu_", r"fig[du]_[\w-]{40,64}"),
    _form("HubSpot token", "pat-", r"pat-(?:na|eu|ap)\d-[0-9a-f-]{36}"),
    _form("Dropbox token", "sl.", r"sl\.(?:u\.)?[\w-]{120,2000}"),
    _form("Facebook token", "EAA", r"EAA[A-Z][A-Za-z0-9]{60,400}"),
    _form("Typeform or Contentful token", "tfp_ CFPAT-", r"tfp_[\w.-]{40,80}|CFPAT-[\w-]{40,60}"),
    _form("Salesforce session", "00D", r"00D[A-Za-z0-9]{12,15}![\w.]{80,200}"),
    # By the word before it.
    _form("bearer token (RFC 6750)", "earer ",
          r"[Bb]earer (?P<secret>(?=[A-Za-z.~+/=_-]{0,400}\d)[\w.~+/=-]{16,8000}|[A-Za-z]{24,8000})"),
    Form("basic authentication (RFC 7617)", ("asic ",), r"[Bb]asic (?P<secret>[A-Za-z0-9+/]{8,2000}={0,2})",
         check=_is_basic),
)  # fmt: skip
