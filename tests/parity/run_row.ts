/**
 * Runs a row of the parity table, with a tool of Mosquitto or with ours, in a folder and against a
 * server of its own.
 *
 * Owns the processes it starts: one that does not end is killed, and its exit code then says so.
 */

import assert from "node:assert/strict";
import { testCa, testClient } from "../support/certificates.ts";
import { isInstalled, runProgram } from "../support/programs.ts";
import { temporaryFolder } from "../storage/fixture.ts";
import { isKnownTo } from "./mosquitto_version.ts";
import { RecordingServer } from "./recording_server.ts";
import type { Expected, ParityRow } from "./row.ts";
import { type Finished, latin1, runTool, type Side } from "./run_tool.ts";
import { SocksServer } from "./socks_server.ts";

interface Outcome extends Finished {
  readonly sent: readonly string[];
  readonly folder: string;
  readonly hello: string;
}

/** Throws an AssertionError that names what differs. `version`: of the Mosquitto there is. */
export async function checkRow(row: ParityRow, side: Side, version = "2.0"): Promise<void> {
  using folder = temporaryFolder();
  const outcome = await runRow(row, side, folder.path);
  if (side === "ours" && row.needsDeno !== undefined && saysDenoIsTooOld(outcome)) return;
  const isAsOurs = side === "ours" || (row.until !== undefined && isKnownTo(version, row.until));
  const expected = isAsOurs ? { ...row.expected, ...row.ours } : row.expected;
  await compare(outcome, expected, side);
}

async function runRow(row: ParityRow, side: Side, folder: string): Promise<Outcome> {
  await writeFiles(folder, row.files ?? {});
  await using server = await RecordingServer.start(row.script ?? {}, folder);
  await using proxy = row.proxy && new SocksServer(row.proxy === "password");
  const values: Readonly<Record<string, string>> = {
    port: String(server.port),
    proxy: String(proxy?.port ?? 0),
    folder,
    ...await certificateFiles(row, folder),
  };
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  const common = row.bare || row.tool === "passwd"
    ? []
    : ["-h", "127.0.0.1", "-p", "{port}", "-V", "5", "-i", "c"];
  const ended = await runTool(side, row.tool, [...common, ...row.args].map(fill), {
    folder,
    input: row.stdin,
    output: row.stdoutIs,
    env: row.env,
  });
  await server.everybodyGone();
  return {
    ...ended,
    sent: [...proxy?.lines ?? [], ...essential(server.lines, row.exact ?? false)],
    folder,
    hello: latin1(server.firstBytes),
  };
}

/** The executable tells people what its Deno lacks, and has not sent anything. */
function saysDenoIsTooOld({ code, stderr, sent }: Outcome): boolean {
  return code === 1 && sent.length === 0 &&
    /\bDeno 2\.[4-8]\.\d+ always|needs Deno 2\.9/.test(stderr);
}

/** Without what the tools differ in, and only the rows that are exact are about. */
function essential(lines: readonly string[], isExact: boolean): string[] {
  const receiveMaximum = isExact ? " receiveMaximum=20" : / receiveMaximum=\d+/;
  return lines.filter((line) => isExact || !line.startsWith("DISCONNECT"))
    .map((line) => line.startsWith("CONNECT") ? line.replace(receiveMaximum, "") : line);
}

async function compare(outcome: Outcome, expected: Expected, side: Side): Promise<void> {
  const { code = 0, stdout, says, sent, files = {}, hello } = expected;
  const told = `${side} printed on standard error:\n${outcome.stderr}`;
  const codes: readonly number[] = typeof code === "number" ? [code] : code;
  assert.ok(
    codes.includes(outcome.code),
    `exit code ${outcome.code}, not ${codes.join(" or ")}; ${told}`,
  );
  if (typeof stdout === "string") assert.equal(outcome.stdout, stdout);
  else if (stdout !== undefined) assert.match(outcome.stdout, stdout);
  if (says !== undefined) assert.match(outcome.stderr, says);
  if (sent !== undefined) assert.deepEqual(outcome.sent, sent);
  if (hello !== undefined) {
    assert.ok(outcome.hello.includes(hello), `The ClientHello lacks "${hello}"`);
  }
  for (const [path, content] of Object.entries(files)) {
    const found = await readText(`${outcome.folder}/${path}`);
    if (content instanceof RegExp) assert.match(found ?? "", content);
    else assert.equal(found, content);
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function writeFiles(folder: string, files: NonNullable<ParityRow["files"]>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const full = `${folder}/${path}`;
    await Deno.mkdir(full.slice(0, full.lastIndexOf("/")), { recursive: true });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(full, bytes, { mode: 0o600 });
  }
}

/** The paths of the CA, and of a client's certificate and key, for the rows that name them. */
async function certificateFiles(
  { args }: ParityRow,
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  if (!args.some((arg) => /\{(ca|cert|key|hashed)\}/.test(arg))) return {};
  const [ca, client] = [await testCa(), await testClient("ann")];
  await writeFiles(folder, {
    "ca.pem": ca.certificate,
    "client.pem": client.certificate,
    "client.key": client.key,
  });
  return {
    ca: `${folder}/ca.pem`,
    cert: `${folder}/client.pem`,
    key: `${folder}/client.key`,
    hashed: await hashedFolder(ca.certificate, folder),
  };
}

/** A folder as OpenSSL wants it: files are named after a digest of their certificate's subject. */
async function hashedFolder(certificate: string, folder: string): Promise<string> {
  const hashed = `${folder}/hashed`;
  let name = "ca.pem";
  if (isInstalled("openssl")) {
    const args = ["x509", "-subject_hash", "-noout", "-in", `${folder}/ca.pem`];
    name = `${(await runProgram("openssl", args)).trim()}.0`;
  }
  await writeFiles(hashed, { [name]: certificate });
  return hashed;
}
