/**
 * Converts password files: their users, with the hashes as they are.
 *
 * Owns when users may become ours: they are the same for every listener here, so that files of single
 * listeners fit only when each listener has the same. Many users go into a file of their own beside
 * broker.yaml. Invariant: a password is never seen, only its hash.
 */

import { PasswordFile } from "../access/password_file.ts";
import { textFault } from "../config/text_forms.ts";
import { type AccessFile, accessFiles, countsFor } from "./access_files.ts";
import type { ConfEntry } from "./conf_reader.ts";
import { type Conversion, listenerText } from "./conversion.ts";
import type { Finding } from "./findings.ts";
import { type Place, placeText } from "./input_files.ts";
import { provesNames } from "./convert_tls.ts";

/** Users whose names are known. */
export interface ConvertedUsers {
  readonly names: ReadonlySet<string>;
  /** Something proves user names: passwords, or certificates. */
  readonly areProven: boolean;
  /** No others can log in. */
  readonly areAll: boolean;
}

/** More do not belong into a file that people read. */
const MOST_IN_YAML = 200;

export async function convertUsers(conversion: Conversion): Promise<ConvertedUsers> {
  const { model, files } = conversion;
  const used = accessFiles(model, "password_file");
  const hashes = new Map<string, { hash: string; place: string }>();
  const paths = new Map<string, AccessFile>();
  for (const file of used) {
    const path = files.locate(file.path);
    const isNew = !paths.has(path);
    paths.set(path, file);
    const count = isNew ? await readUsers(conversion, path, file.entry, hashes) : 0;
    decide(conversion, file, used, isNew ? countText(count) : "the same file");
  }
  const hasFolder = conversion.output !== undefined;
  if (hashes.size > MOST_IN_YAML && hasFolder) writeFile(conversion, hashes);
  else writeUsers(conversion, hashes);
  const byCertificate = model.listeners.some(provesNames);
  if (used.length === 0) warnNobody(conversion);
  return {
    names: new Set(hashes.keys()),
    areProven: used.length > 0 || byCertificate,
    areAll: used.length > 0 && !byCertificate,
  };
}

/** How many users were new. */
async function readUsers(
  { files, findings }: Conversion,
  path: string,
  namedAt: ConfEntry,
  hashes: Map<string, { hash: string; place: string }>,
): Promise<number> {
  const text = await files.readSecrets(path, namedAt);
  if (text === undefined) return 0;
  const parsed = PasswordFile.parse(text);
  const lines = linesOf(text);
  for (const { line, text: problem } of parsed.problems()) {
    // Mosquitto knows the hash, so that the user could log in there.
    const isHash = /:\s*\$(?:6|7|argon2id)\$/.test(text.split("\n")[line - 1] ?? "");
    const isTwice = problem.startsWith("Cannot use line");
    findings.note({
      place: { file: path, line },
      option: "(user)",
      value: "",
      result: "not_carried",
      matters: isHash && !isTwice,
      text: isHash && !isTwice ? `${problem}: give the user a new password` : problem,
    });
  }
  let count = 0;
  for (const [user, hash] of parsed.users()) {
    if (hashes.has(user)) continue;
    const place = { file: path, line: lines.get(user) ?? 1 };
    if (textFault("user name", user) !== undefined) {
      findings.note(lostUser(place, user));
      continue;
    }
    hashes.set(user, { hash, place: placeText(place) });
    count++;
  }
  return count;
}

function lostUser(place: Place, user: string): Finding {
  const text = "no client may have control characters in its user name here: give it another one";
  return { place, option: "(user)", value: user, result: "not_carried", matters: true, text };
}

function countText(count: number): string {
  return count === 1 ? "1 user" : `${count} users`;
}

/** The last line of each user, which is the one that counts. */
function linesOf(text: string): Map<string, number> {
  return new Map(
    text.split("\n").map((line, index) => [line.split(":", 1)[0]?.trim() ?? "", index + 1]),
  );
}

/** Whether the file's users may be users of every listener. */
function decide(
  { model, files, findings }: Conversion,
  file: AccessFile,
  used: readonly AccessFile[],
  what: string,
): void {
  const path = files.locate(file.path);
  const others = model.listeners.filter((listener) => {
    const here = used.filter((other) => countsFor(other, listener));
    const isSame = here.length === 1 && here[0] !== undefined &&
      files.locate(here[0].path) === path;
    return !isSame && !(here.length === 0 && provesNames(listener));
  });
  if (others.length === 0) return findings.carried(file.entry, `users: ${what}`);
  const names = others.map(listenerText).join(", ");
  findings.lost(
    file.entry,
    `users are the same on every listener here: with these, whoever gives a user name on ${names} ` +
      "needs one of them and its password",
  );
}

function writeUsers(
  { draft }: Conversion,
  hashes: ReadonlyMap<string, { hash: string; place: string }>,
): void {
  for (const [name, { hash, place }] of hashes) {
    const user = draft.root("users").appendSection("users");
    user.put("name", name, place);
    user.put("password", hash);
  }
}

function writeFile(
  { draft, copies, output }: Conversion,
  hashes: ReadonlyMap<string, { hash: string; place: string }>,
): void {
  const path = besideOutput(output, "passwords");
  const text = [...hashes].map(([name, { hash }]) => `${name}:${hash}\n`).join("");
  copies.push({ path, text });
  draft.section("authentication").append("password_files", path, `${hashes.size} users`);
}

/** The name of a file that goes with the written one: broker.yaml has broker.passwords beside it. */
export function besideOutput(output: string | undefined, ending: string): string {
  return `${(output ?? "broker.yaml").replace(/\.ya?ml$/, "")}.${ending}`;
}

/** Somebody who starts the broker then should know why nobody gets in. */
function warnNobody({ model, draft }: Conversion): void {
  const isOpen = draft.root("listeners").sectionsOf("listeners")
    .some((listener) => listener.lines().some((line) => line.includes("allow_anonymous: always")));
  if (isOpen || model.listeners.some(provesNames)) return;
  draft.comment("users", "There is nobody yet, and without a name nobody may connect.");
}
