// Starts the language server `nolibpy server` and connects it to the editor. All that is known
// of libpython is in the server.

import {
  commands,
  type ExtensionContext,
  type LogOutputChannel,
  window,
  workspace,
} from "vscode";
import {
  type DocumentSelector,
  LanguageClient,
  type LanguageClientOptions,
} from "vscode-languageclient/node";

import { serverCommand } from "./command";

const LANGUAGES = [
  ...["python", "cython", "cmake", "meson", "makefile", "shellscript", "dockerfile"],
  ...["starlark", "spec", "nix"],
];
/** Files whose language VS Code does not know, or calls something common. A test compares them
 * with what the server knows. */
const FILES = [
  "{nolibpy.toml,.nolibpy.toml}",
  "{setup.cfg,pyproject.toml,tox.ini,Cargo.toml,build.rs,.cargo/config.toml,.cargo/config}",
  "{CMakeLists.txt,CMakeLists.txt.in,meson.build,Makefile.am,configure.ac,configure.in}",
  "{Submakefile,Make.rules,Containerfile,PKGBUILD,APKBUILD,BUILD,wscript,wscript_build}",
  "{SConstruct,Sconstruct,sconstruct,SConscript,Sconscript,sconscript,SCsub}",
  "{meta.yaml,recipe.yaml,action.yml,action.yaml,.gitlab-ci.yml,.travis.yml}",
  "{azure-pipelines.yml,azure-pipelines.yaml,bitbucket-pipelines.yml}",
  "{.github/workflows/*.yml,.github/workflows/*.yaml,.circleci/config.yml}",
  "*.{pyw,wsgi,tac,pyx,pxd,pxi,cmake,mk,mak,inc,am,sh,bash,ebuild,bzl,bazel,BUILD,spec,nix,pth}",
];
const SELECTOR: DocumentSelector = [
  ...LANGUAGES.map((language) => ({ scheme: "file", language })),
  ...FILES.map((pattern) => ({ scheme: "file", pattern: `**/${pattern}` })),
  { notebook: { notebookType: "jupyter-notebook" }, language: "python" },
];

let client: LanguageClient | undefined;

async function start(output: LogOutputChannel): Promise<void> {
  const folders = (workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  const configured = workspace.getConfiguration("nolibpy").get<string[]>("command", []);
  const { program, args } = serverCommand(configured, folders, workspace.isTrusted);
  const options: LanguageClientOptions = { documentSelector: SELECTOR, outputChannel: output };
  client = new LanguageClient("nolibpy", "nolibpy", { command: program, args }, options);
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    output.error(String(error));
    const told = `nolibpy: "${program}" does not start; install no-libpython-dlopen[server]`;
    if ((await window.showErrorMessage(told, "Show Output")) !== undefined) {
      output.show();
    }
  }
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.dispose();
}

export async function activate(context: ExtensionContext): Promise<void> {
  const output = window.createOutputChannel("nolibpy", { log: true });
  const restart = async (): Promise<void> => {
    await stop();
    await start(output);
  };
  context.subscriptions.push(
    output,
    commands.registerCommand("nolibpy.restart", restart),
    commands.registerCommand("nolibpy.showOutput", () => output.show()),
    workspace.onDidGrantWorkspaceTrust(restart),
    workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("nolibpy.command")) {
        await restart();
      }
    }),
  );
  await start(output);
}

export async function deactivate(): Promise<void> {
  await stop();
}
