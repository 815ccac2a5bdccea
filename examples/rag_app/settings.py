"""What the example reads from the environment, prefix RAG_."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Addresses of the two processes, and how much of the trouble of real services they imitate."""

    model_config = SettingsConfigDict(env_prefix="RAG_")

    host: str = "127.0.0.1"
    port: int = Field(default=8090, description="the chat")
    retrieval_port: int = Field(default=8091, description="the retrieval service")
    failure_rate: float = Field(default=0.15, ge=0, le=1, description="part of the generator's attempts that fail")
    slow_rate: float = Field(default=0.04, ge=0, le=1, description="part of searches and attempts that are slow")
    slow_seconds: float = Field(default=3.5, ge=0, description="how long a slow one takes in addition")
    seconds_per_token: float = Field(default=0.004, ge=0, description="the generator's speed")

    @property
    def retrieval_url(self) -> str:
        return f"http://{self.host}:{self.retrieval_port}"
