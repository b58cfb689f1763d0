"""What the application asks of JSONPlaceholder: each service returns the response, or None where the API refused."""

import requests

from project.constants import BASE_URL

TIMEOUT = 10


def _get(resource):
    response = requests.get(f"{BASE_URL}/{resource}", timeout=TIMEOUT)
    return response if response.ok else None


def get_posts():
    return _get("posts")


def get_comments():
    return _get("comments")


def get_albums():
    return _get("albums")


def get_photos():
    return _get("photos")


def get_users():
    return _get("users")


def get_todos():
    return _get("todos")


def get_uncompleted_todos():
    """The todos that are still to be done; an empty list where the API gave no answer."""
    response = get_todos()
    if response is None:
        return []
    return [todo for todo in response.json() if todo.get("completed") is False]
