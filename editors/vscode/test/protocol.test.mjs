// The protocol that the extension speaks, against the real server. NOLIBPY is its program.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import * as protocol from "vscode-languageserver-protocol/node";

const TEXT = 'import ctypes\n\napi = ctypes.PyDLL("libpython3.12.so.1.0")\napi.PyErr_Clear()\n';
const folder = mkdtempSync(join(tmpdir(), "nolibpy-"));
const path = join(folder, "a.py");
const uri = pathToFileURL(path).href;
writeFileSync(path, TEXT);

let server;
let connection;
let published;

before(async () => {
  server = spawn(process.env.NOLIBPY ?? "nolibpy", ["server"], { cwd: folder });
  connection = protocol.createProtocolConnection(
    new protocol.StreamMessageReader(server.stdout),
    new protocol.StreamMessageWriter(server.stdin),
  );
  published = new Promise((resolve) => {
    connection.onNotification("textDocument/publishDiagnostics", (told) => {
      if (told.diagnostics.length > 0) resolve(told);
    });
  });
  connection.onUnhandledNotification(() => {});
  connection.onRequest("client/registerCapability", () => null);
  connection.onRequest("workspace/configuration", () => [null]);
  connection.listen();
  await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    capabilities: {
      textDocument: {
        publishDiagnostics: { versionSupport: true, relatedInformation: true },
        codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } } },
      },
    },
  });
  await connection.sendNotification("initialized", {});
  await connection.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "python", version: 1, text: TEXT },
  });
});

after(() => {
  connection.dispose();
  server.kill();
});

test("a finding is a diagnostic where the library is opened", async () => {
  const { diagnostics } = await published;
  assert.equal(diagnostics.length, 1);
  assert.equal(diagnostics[0].code, "NLP101");
  assert.deepEqual(diagnostics[0].range.start, { line: 2, character: 6 });
});

test("its quick fix changes the line", async () => {
  const { diagnostics } = await published;
  let actions = await connection.sendRequest("textDocument/codeAction", {
    textDocument: { uri },
    range: diagnostics[0].range,
    context: { diagnostics },
  });
  assert.ok(actions.length > 0);
  let action = actions.find((one) => one.isPreferred) ?? actions[0];
  if (!action.edit) action = await connection.sendRequest("codeAction/resolve", action);
  assert.match(JSON.stringify(action.edit), /ctypes\.pythonapi|pythonapi/);
});

test("it ends when it is asked to", async () => {
  await connection.sendRequest("shutdown");
  const ended = new Promise((resolve) => server.on("exit", resolve));
  await connection.sendNotification("exit");
  assert.equal(await ended, 0);
});
