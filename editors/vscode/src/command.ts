// Which command starts the server. Knows nothing of VS Code, so that plain node can test it.

import { existsSync } from "node:fs";
import { join } from "node:path";

export interface Command {
  program: string;
  args: string[];
}

/** Where an environment keeps its programs, and what they are called. */
function inEnvironment(folder: string, platform: NodeJS.Platform): string {
  return platform === "win32"
    ? join(folder, "Scripts", "nolibpy.exe")
    : join(folder, "bin", "nolibpy");
}

/**
 * Return the command that starts the server: the configured one, else that of an environment in a
 * folder of the workspace, else the one on PATH. Nothing of a workspace that is not trusted is
 * started.
 */
export function serverCommand(
  configured: readonly string[],
  folders: readonly string[],
  trusted: boolean,
  platform: NodeJS.Platform = process.platform,
): Command {
  const [program, ...args] = trusted ? configured : [];
  if (program) {
    return { program, args };
  }
  const candidates = trusted
    ? folders.flatMap((folder) =>
        [".venv", "venv"].map((name) => inEnvironment(join(folder, name), platform)),
      )
    : [];
  return { program: candidates.find((path) => existsSync(path)) ?? "nolibpy", args: ["server"] };
}
