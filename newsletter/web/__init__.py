"""Pages in a browser: the preview for editors, the published issues and the unsubscribe page for readers.

The only package that knows Starlette and uvicorn. It calls nothing but the workflow.
"""
