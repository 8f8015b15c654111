"""The API for programs under /api/v1: FastAPI, bearer keys with scopes, problem+json. Its only way in is the header."""
