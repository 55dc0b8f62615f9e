// Lists and calls every tool with the official TypeScript SDK: typescript.mjs LOKO FOLDER, run where the SDK is installed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(pathToFileURL(process.cwd() + '/'));
const { Client } = await import(pathToFileURL(require.resolve('@modelcontextprotocol/sdk/client/index.js')));
const { StdioClientTransport } = await import(pathToFileURL(require.resolve('@modelcontextprotocol/sdk/client/stdio.js')));

const [loko, folder] = process.argv.slice(2);
const calls = JSON.parse(readFileSync(new URL('calls.json', import.meta.url)));
const client = new Client({ name: 'test', version: '1' });
await client.connect(new StdioClientTransport({ command: loko, args: ['mcp', '--project', folder] }));
const names = new Set((await client.listTools()).tools.map((tool) => tool.name));
const called = new Set();
async function call(name, args) {
  const result = await client.callTool({ name, arguments: args });
  if (result.isError) throw new Error(`${name} ${JSON.stringify(args)}: ${result.content[0].text}`);
  called.add(name);
  return result.structuredContent;
}
const before = (await call('describe', { level: 'summary' })).revision;
let told;
for (const [name, args] of calls) told = await call(name, args);
await call('diff', { since: before });
await call('apply', { token: told.token });
await call('undo', {});
const used = await call('pattern_apply', {
  pattern: 'timeout',
  bind: { caller: 'orderplatform/orderservice', callee: 'orderplatform/messagebroker' },
});
await call('apply', { token: used.token });
await call('pattern_remove', { name: 'timeout' });
const { relationships } = await call('list_relationships', {});
await call('delete_relationship', { relationship_id: relationships[0].id });
const never = [...names].filter((name) => !called.has(name));
if (never.length) throw new Error(`never called: ${never}`);
const { resources } = await client.listResources();
await client.readResource({ uri: resources[0].uri });
const { prompts } = await client.listPrompts();
await client.getPrompt({ name: prompts[0].name, arguments: {} });
console.log(`${called.size} tools`);
await client.close();
