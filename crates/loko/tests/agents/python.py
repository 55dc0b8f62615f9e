"""Lists and calls every tool with the official Python SDK: python.py LOKO FOLDER."""

import asyncio
import json
import pathlib
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main(loko, folder):
    calls = json.loads((pathlib.Path(__file__).parent / "calls.json").read_text())
    async with stdio_client(StdioServerParameters(command=loko, args=["mcp", "--project", folder])) as (read, write):
        async with ClientSession(read, write) as session:
            hello = await session.initialize()
            names = {tool.name for tool in (await session.list_tools()).tools}
            called = set()

            async def call(tool, arguments):
                result = await session.call_tool(tool, arguments)
                failed = getattr(result, "isError", None) or getattr(result, "is_error", None)
                if failed:
                    raise SystemExit(f"{tool} {arguments}: {result.content[0].text}")
                called.add(tool)
                return json.loads(json.dumps(getattr(result, "structuredContent", None) or getattr(result, "structured_content", None)))

            before = (await call("describe", {"level": "summary"}))["revision"]
            for tool, arguments in calls:
                told = await call(tool, arguments)
            await call("diff", {"since": before})
            await call("apply", {"token": told["token"]})
            await call("undo", {})
            used = await call("pattern_apply", {
                "pattern": "timeout",
                "bind": {"caller": "orderplatform/orderservice", "callee": "orderplatform/messagebroker"},
            })
            await call("apply", {"token": used["token"]})
            await call("pattern_remove", {"name": "timeout"})
            relations = await call("list_relationships", {})
            await call("delete_relationship", {"relationship_id": relations["relationships"][0]["id"]})
            if names - called:
                raise SystemExit(f"never called: {sorted(names - called)}")
            resources = await session.list_resources()
            for resource in resources.resources[:3]:
                await session.read_resource(resource.uri)
            prompts = await session.list_prompts()
            await session.get_prompt(prompts.prompts[0].name, {})
            version = getattr(hello, "protocolVersion", None) or getattr(hello, "protocol_version", None)
            print(f"{len(called)} tools, revision {version}")


asyncio.run(main(sys.argv[1], sys.argv[2]))
