/**
 * Converts ACL files into roles where roles mean exactly the same, and takes the file along where
 * they do not.
 *
 * Owns that decision. Roles are judged together, deny before allow; an ACL file has `topic` lines that
 * go before `pattern` lines, takes `%c` in a `topic` line as it is, and gives whoever has "+" or "#" in
 * a name nothing by patterns. So roles are exact when there are no such lines, or none that could
 * tell the difference (`rolesFault`). Many roles stay a file: broker.yaml is one that people read.
 * Invariant: nobody gets a right that Mosquitto did not give.
 */

import type { Layer, Role, Rule } from "../access/rule.ts";
import { parseAclFile } from "../config/acl_file.ts";
import { textFault } from "../config/text_forms.ts";
import { type AccessFile, accessFiles, countsFor } from "./access_files.ts";
import type { ConfListener } from "./conf_model.ts";
import type { Conversion } from "./conversion.ts";
import { placeText } from "./input_files.ts";
import { listenerName } from "./convert_listeners.ts";
import { besideOutput, type ConvertedUsers } from "./convert_users.ts";

const REFUSED =
  "a subscription that is allowed nothing is refused, where Mosquitto grants it and " +
  "sends nothing";

/** More do not belong into a file that people read. */
const MOST_ROLES = 200;

/** Of our names of roles. */
const LONGEST_NAME = 200;

/** An ACL file that was read. */
interface ReadAcl {
  readonly file: AccessFile;
  readonly path: string;
  readonly text: string;
  readonly layers: readonly Layer[];
}

export async function convertRules(conversion: Conversion, users: ConvertedUsers): Promise<void> {
  const { model } = conversion;
  const used = accessFiles(model, "acl_file");
  const read: ReadAcl[] = [];
  for (const file of used) {
    const acl = await readAcl(conversion, file);
    if (acl !== undefined) read.push(acl);
  }
  if (read.length < used.length || read[0] === undefined) return;
  const isOne = read.every(({ path }) => path === read[0]?.path);
  const isForAll = model.listeners.every((listener) =>
    used.some((file) => countsFor(file, listener))
  );
  if (isOne && isForAll) {
    const [first, ...others] = read;
    convertForAll(conversion, first, users);
    for (const { file } of others) conversion.findings.carried(file.entry, "the same file");
  } else convertPerListener(conversion, read, users);
}

async function readAcl(
  { files }: Conversion,
  file: AccessFile,
): Promise<ReadAcl | undefined> {
  const path = files.locate(file.path);
  const text = await files.read(path, file.entry);
  if (text === undefined) return undefined;
  const { layers, problems } = parseAclFile(path, text);
  if (problems.length > 0) {
    files.fail(path, text, ...problems);
    return undefined;
  }
  return { file, path, text, layers };
}

function convertForAll(conversion: Conversion, acl: ReadAcl, users: ConvertedUsers): void {
  const { draft, findings, copies, output } = conversion;
  const fault = rolesFault(acl.layers, users) ?? tooMany(acl.layers);
  const { entry } = acl.file;
  if (fault === undefined) {
    writeRoles(conversion, acl, users, undefined);
    return findings.carried(entry, `roles; ${REFUSED}`);
  }
  noteUnproven(conversion, acl, users);
  for (const role of acl.layers.flatMap(({ roles }) => roles)) {
    const absent = users.areProven ? undefined : absentUser(role, users);
    if (absent !== undefined) noteRole(conversion, acl, absent, role, users);
  }
  const path = output === undefined ? acl.path : besideOutput(output, "acl");
  if (output !== undefined) copies.push({ path, text: acl.text });
  draft.root("acl_files").append("acl_files", path, acl.path);
  draft.comment("acl_files", `Not as roles: ${fault}.`);
  findings.carried(entry, `acl_files: ${path}; ${REFUSED}`);
}

/** ACL files are for every listener here, so that only roles fit. */
function convertPerListener(
  conversion: Conversion,
  read: readonly ReadAcl[],
  users: ConvertedUsers,
): void {
  const { model, findings, draft } = conversion;
  for (const listener of model.listeners) {
    const acl = read.filter(({ file }) => countsFor(file, listener)).at(-1);
    if (acl !== undefined) {
      writeRoles(conversion, acl, users, listener);
      continue;
    }
    const role = draft.root("roles").appendSection("roles");
    role.put("name", `everybody on ${listenerName(conversion, listener)}`, "it has no acl_file");
    role.append("listeners", listenerName(conversion, listener));
    role.append("allow", "readwrite #");
    role.append("allow", "subscribe $SYS/#");
  }
  for (const { file, layers } of read) {
    const fault = rolesFault(layers, users);
    if (fault === undefined) {
      findings.carried(file.entry, `roles of this listener; ${REFUSED}`);
    } else {
      findings.lost(
        file.entry,
        `roles of this listener are not quite the same: ${fault}; look at them, or give all ` +
          "listeners one acl_file",
      );
    }
  }
}

function tooMany(layers: readonly Layer[]): string | undefined {
  const count = layers.flatMap(({ roles }) => roles).length;
  return count > MOST_ROLES ? `there are ${count} of them` : undefined;
}

/** Why roles would not mean the same; undefined when they do. */
export function rolesFault(layers: readonly Layer[], users: ConvertedUsers): string | undefined {
  const [topics, patterns] = layers;
  const literal = topics?.roles.flatMap(({ rules }) => rules)
    .find(({ topicFilter }) => /%[cu]/.test(topicFilter));
  if (literal !== undefined) return `'topic ${literal.topicFilter}' is not a pattern`;
  const rules = patterns?.roles.flatMap((role) => role.rules) ?? [];
  const denied = rules.find(({ effect }) => effect === "deny");
  if (denied !== undefined) return "a 'pattern deny' does not go before the lines of a user";
  const loose = rules.find(({ topicFilter }) => !topicFilter.includes("%c"));
  if (loose !== undefined) {
    return `'pattern ${loose.topicFilter}' is not for clients with + or # in a name`;
  }
  const isUnsafe = !users.areAll || [...users.names].some((name) => /[+#]/.test(name));
  return rules.length > 0 && isUnsafe ? "user names may have + or # in them" : undefined;
}

/** `listener`: whom the roles are for; undefined: everybody. */
function writeRoles(
  conversion: Conversion,
  acl: ReadAcl,
  users: ConvertedUsers,
  listener: ConfListener | undefined,
): void {
  const { draft } = conversion;
  noteUnproven(conversion, acl, users);
  const suffix = listener === undefined ? "" : ` on ${listenerName(conversion, listener)}`;
  let isEmpty = true;
  for (const role of acl.layers.flatMap(({ roles }) => roles)) {
    if (role.rules.length === 0) continue;
    const absent = absentUser(role, users);
    if (absent !== undefined) {
      noteRole(conversion, acl, absent, role, users);
      for (const line of roleText(role)) draft.comment("roles", line);
      continue;
    }
    isEmpty = false;
    const yaml = draft.root("roles").appendSection("roles");
    const [user] = role.audience.users ?? [];
    const others = role.audience.anonymous ? "anonymous clients" : "everybody by pattern";
    const what = user === undefined ? others : `user ${user}`;
    yaml.put("name", roleName(what, suffix, role));
    if (user !== undefined) yaml.append("users", user);
    if (role.audience.anonymous) yaml.put("anonymous", true);
    if (listener !== undefined) yaml.append("listeners", listenerName(conversion, listener));
    for (const rule of role.rules) yaml.append(rule.effect, ruleText(rule), sourceText(rule));
  }
  if (!isEmpty) return;
  // Without any role everybody might everything.
  const nobody = draft.root("roles").appendSection("roles");
  nobody.put("name", `nobody may anything${suffix}`, acl.path);
  if (listener !== undefined) nobody.append("listeners", listenerName(conversion, listener));
  nobody.list("allow");
}

/** User Names may be longer than names of roles. */
function roleName(what: string, suffix: string, { rules }: Role): string {
  const name = `${what}${suffix}`;
  if (name.length <= LONGEST_NAME) return name;
  const ending = `... of line ${rules[0]?.source?.line ?? 0}${suffix}`;
  return what.slice(0, LONGEST_NAME - ending.length) + ending;
}

/** The user of a role whom nothing lets in. */
function absentUser({ audience }: Role, users: ConvertedUsers): string | undefined {
  const [user] = audience.users ?? [];
  if (user === undefined || users.names.has(user)) return undefined;
  if (textFault("user name", user) !== undefined) return user;
  return users.areAll || !users.areProven ? user : undefined;
}

function noteRole(
  { findings }: Conversion,
  { path }: ReadAcl,
  user: string,
  { rules }: Role,
  { areProven }: ConvertedUsers,
): void {
  findings.note({
    place: { file: path, line: rules[0]?.source?.line ?? 1 },
    option: "user",
    value: user,
    result: "not_carried",
    matters: !areProven,
    text: areProven
      ? "there is no such user: its rules are a comment"
      : "nothing proves the name, so its rules count for nobody: give the user a password ('users')",
  });
}

/** Names that nothing proves: Mosquitto believes them, we take such clients as anonymous. */
function noteUnproven(
  { findings }: Conversion,
  { path, layers }: ReadAcl,
  { areProven }: ConvertedUsers,
): void {
  const roles = layers.flatMap(({ roles }) => roles);
  if (areProven || !roles.some(({ audience }) => audience.anonymous)) return;
  findings.note({
    place: { file: path, line: 1 },
    option: "(anonymous)",
    value: "",
    result: "changed",
    matters: false,
    text: "a client that gives a user name counts as anonymous: nothing proves the name",
  });
}

function roleText({ audience, rules }: Role): string[] {
  const lines = rules.map((rule) => `  ${rule.effect}: ${ruleText(rule)}`);
  return [`Rules of '${audience.users?.[0]}', who cannot log in:`, ...lines];
}

function ruleText({ action, topicFilter }: Rule): string {
  return `${action} ${topicFilter}`;
}

function sourceText({ source }: Rule): string | undefined {
  return source === undefined ? undefined : placeText(source);
}
