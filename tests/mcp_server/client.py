"""The official Python SDK as an agent: starts the server, and says what it got as JSON. Its models refuse what the protocol does not have, and it checks results against the output schemas."""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main(program: str, folder: str) -> None:
    server = StdioServerParameters(command=program, args=["mcp", folder])
    async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as session:
        hello = await session.initialize()
        tools = (await session.list_tools()).tools
        resources = (await session.list_resources()).resources
        page = await session.read_resource(resources[0].uri)

        async def call(name: str, arguments: dict) -> dict:
            result = await session.call_tool(name, arguments)
            return json.loads(result.model_dump_json(by_alias=True))

        print(
            json.dumps(
                {
                    "server": json.loads(hello.model_dump_json(by_alias=True))["serverInfo"]["name"],
                    "tools": [tool.name for tool in tools],
                    "page": page.contents[0].text,
                    "check": await call("check", {}),
                    "inventory": await call("inventory", {"only": "all"}),
                    "who_reads": await call("who_reads", {"secret": "GITHUB_TOKEN"}),
                    "explain": await call("explain", {"lint": "root-owned-secret"}),
                    "diff": await call("diff", {"files": [{"file": "configuration.nix", "text": "{ }"}]}),
                    "wrong": await call("explain", {"lint": "root-owned-secre"}),
                }
            )
        )


asyncio.run(main(*sys.argv[1:]))
