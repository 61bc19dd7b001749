/**
 * Values that stand elsewhere: read from the environment, files and credentials, and kept secret.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { loadSettings, parseSettings } from "../../src/config/load.ts";
import { describeChanges, describeListeners } from "../../src/config/policy.ts";
import { readReference, Reference } from "../../src/config/reference.ts";

const VARIABLE = "BROKER_TEST_VALUE";

/** What `use` returns while the variable has this value. */
function withVariable<Result>(name: string, value: string | undefined, use: () => Result): Result {
  const before = Deno.env.get(name);
  if (value === undefined) Deno.env.delete(name);
  else Deno.env.set(name, value);
  try {
    return use();
  } finally {
    if (before === undefined) Deno.env.delete(name);
    else Deno.env.set(name, before);
  }
}

/** What `use` returns with a folder of these files. */
async function withFolder<Result>(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (folder: string) => Result | Promise<Result>,
): Promise<Result> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      await Deno.writeFile(
        join(folder, name),
        typeof content === "string" ? new TextEncoder().encode(content) : content,
      );
    }
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The text, or the message and the hint. */
function read(kind: Reference["kind"], name: string, folder = "/nowhere"): unknown {
  const result = readReference(new Reference(kind, name), folder);
  return result.ok ? result.text : [result.message, result.hint];
}

Deno.test("readReference() of a variable gives its value, or says that there is none", () => {
  assert.equal(withVariable(VARIABLE, " a\n", () => read("env", VARIABLE)), " a\n");
  assert.deepEqual(withVariable(VARIABLE, undefined, () => read("env", VARIABLE)), [
    `Cannot read '!env ${VARIABLE}': there is no environment variable '${VARIABLE}'`,
    `set ${VARIABLE} before the broker starts`,
  ]);
  assert.deepEqual(read("env", "A=B"), [
    "Cannot read '!env A=B': this is no name of a variable",
    undefined,
  ]);
  assert.deepEqual(read("env", ""), ["Cannot read '!env ': what it names is missing", undefined]);
});

Deno.test("readReference() of a file starts from the folder and strips one final line end", async () => {
  const files = { a: "x\n", b: "x\r\n", c: "x\n\n", d: "", e: new Uint8Array([0xff]) };
  await withFolder(files, (folder) => {
    assert.deepEqual(["a", "b", "c", "d"].map((name) => read("file", name, folder)), [
      "x",
      "x",
      "x\n",
      "",
    ]);
    assert.equal(read("file", join(folder, "a"), "/elsewhere"), "x");
    assert.deepEqual(read("file", "e", folder), [
      `Cannot read '!file e': '${join(folder, "e")}' is not text in UTF-8`,
      undefined,
    ]);
    assert.deepEqual(read("file", "f", folder), [
      `Cannot read '!file f': '${join(folder, "f")}' does not exist`,
      "a relative path starts from the folder of the configuration file",
    ]);
    assert.deepEqual(read("file", ".", folder), [
      `Cannot read '!file .': '${folder}' is not a file`,
      undefined,
    ]);
  });
});

Deno.test("readReference() of a credential reads it from the folder of systemd", async () => {
  await withFolder({ token: "x\n" }, (folder) => {
    const found = withVariable("CREDENTIALS_DIRECTORY", folder, () => read("credential", "token"));
    assert.equal(found, "x");
  });
  assert.deepEqual(
    withVariable("CREDENTIALS_DIRECTORY", undefined, () => read("credential", "token")),
    [
      "Cannot read '!credential token': $CREDENTIALS_DIRECTORY is not set",
      "systemd sets it for a service with LoadCredential=token:/PATH/OF/THE/FILE",
    ],
  );
  assert.deepEqual(read("credential", "../token"), [
    "Cannot read '!credential ../token': a credential has a name, not a path",
    undefined,
  ]);
});

Deno.test("a file that is too large is refused before it is read", async () => {
  await withFolder({ a: new Uint8Array(1024 * 1024 + 1) }, (folder) => {
    const [message] = read("file", "a", folder) as [string];
    assert.match(message, /is larger than 1 MiB$/);
  });
});

Deno.test("parseSettings() reads a value from elsewhere as the kind its row wants", () => {
  const settingsOf = (yaml: string, value: string) =>
    withVariable(VARIABLE, value, () => {
      const loaded = parseSettings("test.yaml", yaml);
      if (!loaded.ok) assert.fail(loaded.report);
      return loaded.settings;
    });
  const tagged = `!env ${VARIABLE}`;
  assert.equal(settingsOf(`listeners: [{port: ${tagged}}]`, "8883").listeners[0]?.port, 8883);
  assert.equal(settingsOf(`features: {max_qos: ${tagged}}`, "1").features.maxQos, 1);
  const toggled = settingsOf(`features: {retain_available: ${tagged}}`, "false");
  assert.equal(toggled.features.retainAvailable, false);
  assert.equal(settingsOf(`sys_interval: ${tagged}`, "90s").sysIntervalMs, 90_000);
  assert.equal(settingsOf(`sys_interval: ${tagged}`, "90").sysIntervalMs, 90_000);
  assert.equal(settingsOf(`logging: {level: ${tagged}}`, "debug").logging.level, "debug");
  const { jwt } = settingsOf(`authentication: {jwt: {key: ${tagged}}}`, "0815").authentication;
  assert.equal(jwt.key, "0815");
  const anchored = settingsOf(
    `logging: {level: &level ${tagged}, levels: {client: *level}}`,
    "debug",
  );
  assert.equal(anchored.logging.levels.client, "debug");
});

Deno.test("a value from elsewhere is shown in no error, and in nothing that describes settings", () => {
  const tagged = `!env ${VARIABLE}`;
  const wrong = [
    `sys_interval: ${tagged}`,
    `limits: ${tagged}`,
    `listeners: ${tagged}`,
    `listeners: [{port: ${tagged}}]`,
    `listeners: [{path: ${tagged}}, {path: ${tagged}}]`,
    `listeners: [{name: ${tagged}}, {port: 5, name: ${tagged}}]`,
    `roles: [{name: a, users: [${tagged}], allow: [${tagged}]}]`,
    `logging: {destinations: [${tagged}, {file: ${tagged}}, {file: ${tagged}}]}`,
    `users: [{name: ${tagged}}, {name: ${tagged}}]`,
  ];
  for (const text of wrong) {
    const loaded = withVariable(VARIABLE, "hunter2", () => parseSettings("test.yaml", text));
    if (loaded.ok) assert.fail(text);
    assert.equal(loaded.report.includes("hunter2"), false, loaded.report);
  }
  const right = `
listeners: [{path: ${tagged}, mount_point: !env ${VARIABLE}_2}]
persistence: {path: ${tagged}}
acl_files: [a, ${tagged}]
users: [{name: ${tagged}}]
logging: {destinations: [{file: ${tagged}}]}
`;
  const loaded = withVariable(
    VARIABLE,
    "hunter2",
    () => withVariable(`${VARIABLE}_2`, "hunter2/", () => parseSettings("test.yaml", right)),
  );
  if (!loaded.ok) assert.fail(loaded.report);
  const lines = [...describeListeners(loaded.settings), ...describeChanges(loaded.settings)];
  assert.equal(lines.length, 5);
  assert.deepEqual(lines.filter((line) => line.includes("hunter2")), []);
  assert.deepEqual(loaded.settings.listeners.map(({ name }) => name), ["listener-1"]);
});

Deno.test("a tag that leads nowhere is one error, at its place", () => {
  const loaded = withVariable(
    VARIABLE,
    undefined,
    () => parseSettings("test.yaml", `listeners:\n  - port: !env ${VARIABLE}\n`),
  );
  if (loaded.ok) assert.fail();
  assert.deepEqual(loaded.report.split("\n").slice(0, 4), [
    `test.yaml:2:16: Cannot read '!env ${VARIABLE}': there is no environment variable ` +
    `'${VARIABLE}'`,
    `    2 |   - port: !env ${VARIABLE}`,
    `      |                ${"^".repeat(VARIABLE.length)}`,
    `  hint: set ${VARIABLE} before the broker starts`,
  ]);
  assert.equal(loaded.problems.length, 1);
});

Deno.test("a tag stands before single values only", () => {
  const problemsOf = (text: string) => {
    const loaded = parseSettings("test.yaml", text);
    return loaded.ok ? [] : loaded.problems.map(({ message }) => message);
  };
  const onlyTags =
    "Cannot parse YAML: the only tags are !env, !file and !credential, each before " +
    "one value";
  assert.deepEqual(problemsOf("sys_interval: !seconds 5\n"), [onlyTags]);
  assert.equal(problemsOf("limits: !env {a: 1}\n")[0], onlyTags);
  assert.equal(
    problemsOf("!env A: 1\n")[0],
    "Cannot use a tag here: only values stand elsewhere, not keys",
  );
  assert.deepEqual(problemsOf("limits: {<<: !env A}\n").length > 0, true);
});

Deno.test("loadSettings() takes files from beside the configuration", async () => {
  const files = { "broker.yaml": "sys_interval: !file interval\n", interval: "7s\n" };
  await withFolder(files, async (folder) => {
    const loaded = await loadSettings(join(folder, "broker.yaml"));
    if (!loaded.ok) assert.fail(loaded.report);
    assert.equal(loaded.settings.sysIntervalMs, 7000);
  });
});
