import assert from "node:assert/strict";
import { loadUsers } from "../../src/access/user_list.ts";
import { MADE_ELSEWHERE } from "./password_fixture.ts";

const [FIRST, SECOND, THIRD] = MADE_ELSEWHERE.map(({ hash }) => hash) as [string, string, string];

/** Writes files into a folder that is gone after `act`. */
async function withFiles(
  files: Record<string, string>,
  act: (pathOf: (name: string) => string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    await act((name) => `${folder}/${name}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("loadUsers() puts the users of the configuration before those of files, in their order", async () => {
  const files = { a: `ann:${FIRST}\nbob:${FIRST}\n`, b: `bob:${SECOND}\ncarl:${SECOND}\n` };
  await withFiles(files, async (pathOf) => {
    const users = await loadUsers({
      users: [{ name: "ann", password: THIRD }, { name: "scram-only" }],
      passwordFiles: [pathOf("a"), pathOf("b")],
    }, () => assert.fail("There are no problems"));
    assert.deepEqual(users, new Map([["ann", THIRD], ["bob", FIRST], ["carl", SECOND]]));
  });
});

Deno.test("loadUsers() reports lines that make no user, and takes the others", async () => {
  const plain = "hunter2";
  await withFiles({ a: `ann:${plain}\nbob:${FIRST}\n` }, async (pathOf) => {
    const problems: string[] = [];
    const users = await loadUsers(
      { users: [], passwordFiles: [pathOf("a")] },
      (path, { line, text }) => problems.push(`${path}:${line}: ${text}`),
    );
    assert.deepEqual([...users.keys()], ["bob"]);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /a:1: Cannot read the hash of user 'ann'/);
    assert(!problems.join().includes(plain));
  });
});

Deno.test("loadUsers() throws for a file that cannot be read, and names it", async () => {
  const sources = { users: [], passwordFiles: ["/nowhere/users"] };
  await assert.rejects(loadUsers(sources, () => {}), {
    message: /^Cannot read the password file '\/nowhere\/users': /,
  });
});
