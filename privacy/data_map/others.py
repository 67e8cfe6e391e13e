"""Tables that are not of our making: Django's, allauth's, and those outside of any model. Parents first."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.erasure import admin_entries_about, mask_admin_entries
from privacy.data_map.field import ADDRESS_OF, OF_A_LIST, OURS, THEIR_NUMBER, columns
from privacy.data_map.row import ACTIVE, CONTRACT, LEGITIMATE, Act, Category, Row, nobodys
from privacy.data_map.term import DAYS_3, THREE_YEARS, Term

MAIL = ("mail",)
SIGN_IN_PROVIDERS = ("google", "github")
ACCOUNT, SIGN_INS = Category.ACCOUNT, Category.SIGN_INS
OF_ADMIN = _(
    "which row of a table it was and which columns were changed, as Django's admin says it; no page of it shows content"
)
ROLES = _("to let staff do their work")

DJANGO = (
    nobodys(
        "contenttypes.ContentType",
        _("Django's list of tables"),
        fields=columns(identifier="id", fact="app_label model", because={"app_label model": OURS}),
    ),
    nobodys(
        "auth.Permission",
        _("what staff may be allowed to do"),
        fields=columns(identifier="id", link="content_type", fact="name codename", because={"name codename": OURS}),
    ),
    nobodys("auth.Group", _("roles of staff"), fields=columns(identifier="id", fact="name", because={"name": OURS})),
    nobodys("auth.Group_permissions", _("roles of staff"), fields=columns(identifier="id", link="group permission")),
    Row(
        "admin.LogEntry",
        _("what staff did with your records, and when"),
        _("to be able to answer for it"),
        LEGITIMATE,
        _("3 years"),
        columns(
            identifier="id",
            link="user content_type object_id",
            note="object_repr change_message",
            state="action_flag",
            time="action_time",
            because={"object_id object_repr change_message": OF_ADMIN},
            masked="object_repr change_message",
        ),
        category=Category.PRIVACY,
        owner=admin_entries_about,
        secret=("user",),
        act=Act.MASK,
        by=mask_admin_entries,
        ground=_("Accountability: that staff acted stays, your name and address do not."),
        fleeting=True,
        term=Term("action_time", THREE_YEARS),
    ),
)
OF_USERS = (
    Row(
        "accounts.User_groups",
        _("roles, of staff"),
        ROLES,
        CONTRACT,
        ACTIVE,
        columns(identifier="id", link="user group"),
        category=ACCOUNT,
        owner="user",
    ),
    Row(
        "accounts.User_user_permissions",
        _("permissions, of staff"),
        ROLES,
        CONTRACT,
        ACTIVE,
        columns(identifier="id", link="user permission"),
        category=ACCOUNT,
        owner="user",
    ),
)
ALLAUTH = (
    Row(
        "account.EmailAddress",
        _("e-mail addresses, and whether they are confirmed"),
        _("to sign in and be reached"),
        CONTRACT,
        ACTIVE,
        columns(
            identifier="id",
            link="user",
            contact="email",
            state="verified primary",
            because={"email": ADDRESS_OF},
            sent="email",
        ),
        category=ACCOUNT,
        owner="user",
        recipients=MAIL,
    ),
    Row(
        "account.EmailConfirmation",
        _("that a confirmation was mailed"),
        _("to confirm an address"),
        CONTRACT,
        _("3 days"),
        columns(
            identifier="id",
            link="email_address",
            secret="key",  # noqa: S106 (a column)
            time="created sent",
            sent="key",
        ),
        category=ACCOUNT,
        owner="email_address__user",
        secret=("key",),
        recipients=MAIL,
        fleeting=True,
        term=Term("created", DAYS_3),
    ),
    nobodys(
        "socialaccount.SocialApp",
        _("by which providers one can sign in"),
        fields=columns(
            identifier="id",
            fact="provider provider_id name client_id key settings",
            secret="secret",  # noqa: S106 (a column)
            because={"provider_id client_id key settings secret": OURS},
        ),
    ),
    Row(
        "socialaccount.SocialAccount",
        _("name, e-mail and picture as Google or GitHub gave them"),
        _("to sign in by that provider"),
        CONTRACT,
        ACTIVE,
        columns(
            identifier="id",
            link="user",
            reference="uid",
            state="provider",
            contact="extra_data",
            time="last_login date_joined",
            because={
                "provider": OF_A_LIST,
                "uid": THEIR_NUMBER,
                "extra_data": _(
                    "of what the provider tells: the name, the e-mail address and the picture's address alone"
                ),
            },
        ),
        category=SIGN_INS,
        owner="user",
        recipients=SIGN_IN_PROVIDERS,
    ),
    Row(
        "socialaccount.SocialToken",
        _("nothing: tokens of sign-in providers are not kept"),
        _("to sign in by that provider"),
        CONTRACT,
        ACTIVE,
        columns(
            identifier="id",
            link="app account",
            secret="token token_secret",  # noqa: S106 (columns)
            time="expires_at",
            because={"token token_secret": _("stays empty: tokens are not stored, by a setting")},
        ),
        category=SIGN_INS,
        owner="account__user",
        secret=("token", "token_secret"),
    ),
    Row(
        "mfa.Authenticator",
        _("second factors: kind and dates; their secrets, sealed"),
        _("to keep others out"),
        CONTRACT,
        ACTIVE,
        columns(
            identifier="id",
            link="user",
            state="type",
            sealed="data",
            time="created_at last_used_at",
            because={"data": _("a sealed secret, or a passkey's public half and its name")},
        ),
        category=SIGN_INS,
        owner="user",
        secret=("data",),
    ),
)
OTHERS = (*DJANGO, *OF_USERS, *ALLAUTH)
# Tables of no model: by their names in the database.
OUTSIDE_MODELS = {
    "django_migrations": columns(identifier="id", fact="app name", time="applied", because={"app name": OURS})
}
