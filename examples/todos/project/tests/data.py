"""What the tests agree on: two todos, and the API that the doubles stand in for."""

import lookalike
from project.constants import BASE_URL

MAKE_THE_BED = {"userId": 1, "id": 1, "title": "Make the bed", "completed": False}
WALK_THE_DOG = {"userId": 1, "id": 2, "title": "Walk the dog", "completed": True}

api = lookalike.Api("jsonplaceholder", base_url=BASE_URL)
