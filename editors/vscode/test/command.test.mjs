import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { serverCommand } from "../out/command.mjs";

function workspace(...path) {
  const folder = mkdtempSync(join(tmpdir(), "nolibpy-"));
  mkdirSync(join(folder, ...path.slice(0, -1)), { recursive: true });
  writeFileSync(join(folder, ...path), "");
  return folder;
}

test("what is configured is started", () => {
  assert.deepEqual(serverCommand(["uvx", "nolibpy", "server"], [], true), {
    program: "uvx",
    args: ["nolibpy", "server"],
  });
});

test("the environment of the workspace comes before PATH", () => {
  const folder = workspace(".venv", "bin", "nolibpy");
  assert.deepEqual(serverCommand([], ["/nowhere", folder], true, "linux"), {
    program: join(folder, ".venv", "bin", "nolibpy"),
    args: ["server"],
  });
});

test("on Windows an environment keeps its programs elsewhere", () => {
  const folder = workspace("venv", "Scripts", "nolibpy.exe");
  const { program } = serverCommand([], [folder], true, "win32");
  assert.equal(program, join(folder, "venv", "Scripts", "nolibpy.exe"));
});

test("without an environment it is the one on PATH", () => {
  assert.deepEqual(serverCommand([], [], true), { program: "nolibpy", args: ["server"] });
});

test("nothing of a workspace that is not trusted is started", () => {
  const folder = workspace(".venv", "bin", "nolibpy");
  assert.deepEqual(serverCommand(["./evil"], [folder], false, "linux"), {
    program: "nolibpy",
    args: ["server"],
  });
});
