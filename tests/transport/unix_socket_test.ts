/**
 * The owner, group and mode of Unix sockets. How they come and go: net/listener_test.ts.
 */

import assert from "node:assert/strict";
import {
  accountId,
  openUnixSocket,
  parseMode,
  socketPathFault,
} from "../../src/transport/unix_socket.ts";

Deno.test("parseMode() reads octal digits as chmod does, and nothing else", () => {
  assert.deepEqual(["0660", "660", "0o777", "000"].map(parseMode), [0o660, 0o660, 0o777, 0]);
  for (const mode of ["0888", "66", "06600", "rw-", "", "1777"]) {
    assert.throws(() => parseMode(mode), {
      message: `Cannot read the mode '${mode}': it is not like 0660`,
    });
  }
});

Deno.test("socketPathFault() counts the bytes that the system counts", () => {
  assert.equal(socketPathFault(`/${"x".repeat(106)}`), undefined);
  assert.equal(
    socketPathFault(`/${"\u00e9".repeat(54)}`),
    "the path of a socket has at most 107 bytes, and this has 109",
  );
});

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "broker-test-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("accountId() reads numbers, and names of users and groups", () =>
  withFolder(async (folder) => {
    const files = { passwd: `${folder}/passwd`, group: `${folder}/group` };
    await Deno.writeTextFile(files.passwd, "root:x:0:0::/root:/bin/sh\nmqtt:x:104:110::/:\n");
    await Deno.writeTextFile(files.group, "# comment\nroot:x:0:\nmqtt:x:110:ann,bob\n+::\n");
    assert.equal(accountId("1000", "passwd", files), 1000);
    assert.equal(accountId("mqtt", "passwd", files), 104);
    assert.equal(accountId("mqtt", "group", files), 110);
    assert.throws(() => accountId("ann", "passwd", files), {
      message: `Cannot find the user 'ann' in ${files.passwd}`,
    });
    assert.throws(() => accountId("mqt", "group", files), {
      message: `Cannot find the group 'mqt' in ${files.group}`,
    });
  }));

if (Deno.build.os !== "windows") {
  Deno.test("openUnixSocket() gives the socket its mode, whatever the umask", () =>
    withFolder(async (folder) => {
      for (const mode of ["0600", "0660", "0777"]) {
        const path = `${folder}/${mode}`;
        using _socket = await openUnixSocket({ path, mode });
        assert.equal((await Deno.stat(path)).mode, 0o140000 | parseMode(mode));
      }
    }));

  Deno.test("openUnixSocket() leaves nothing beside the socket, and takes the place of no other", () =>
    withFolder(async (folder) => {
      const path = `${folder}/a`;
      using _socket = await openUnixSocket({ path, mode: "0660" });
      await assert.rejects(openUnixSocket({ path, mode: "0660" }), Deno.errors.AddrInUse);
      const entries = await Array.fromAsync(Deno.readDir(folder));
      assert.deepEqual(entries.map(({ name }) => name), ["a"]);
      (await Deno.connect({ transport: "unix", path })).close();
    }));

  Deno.test("openUnixSocket() does not touch a file that is no socket", () =>
    withFolder(async (folder) => {
      const path = `${folder}/a`;
      await Deno.writeTextFile(path, "precious");
      for (const mode of [undefined, "0660"]) {
        await assert.rejects(openUnixSocket({ path, mode }), Deno.errors.AddrInUse);
      }
      assert.equal(await Deno.readTextFile(path), "precious");
    }));

  Deno.test("openUnixSocket() gives the socket to its owner and group", () =>
    withFolder(async (folder) => {
      const path = `${folder}/a`;
      // Everybody may give it to themselves; others only with rights that tests need not have.
      const { uid, gid } = await Deno.stat(folder);
      const [owner, group] = [String(uid ?? 0), String(gid ?? 0)];
      using _socket = await openUnixSocket({ path, mode: "0640", owner, group });
      const { mode, ...stat } = await Deno.stat(path);
      assert.deepEqual([mode, stat.uid, stat.gid], [0o140640, uid, gid]);
    }));

  Deno.test("openUnixSocket() leaves nothing behind where there is no such account", () =>
    withFolder(async (folder) => {
      const path = `${folder}/a`;
      await assert.rejects(openUnixSocket({ path, group: "no-such-group" }), {
        message: "Cannot find the group 'no-such-group' in /etc/group",
      });
      await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
    }));
}
