import assert from "node:assert/strict";
import { namesIn, temporaryFolder } from "../storage/fixture.ts";
import { runCli } from "./store_fixture.ts";

Deno.test("cert knows what it makes, and its options", async () => {
  const cases: [string[], RegExp][] = [
    [["server"], /^error: 'cert' makes no 'server', only 'client', as in 'broker cert client ann'/],
    [["client"], /^error: 'cert client' needs a user name, as in 'broker cert client ann'/],
    [["client", ""], /^error: 'cert client' needs a user name/],
    [["client", "ann", "bob"], /^error: too many arguments for 'cert'/],
    [["client", "ann", "--name", "a"], /^error: option '--name' cannot be used with 'client'/],
    [["client", "ann", "--new-ca"], /^error: option '--new-ca' cannot be used with 'client'/],
    [["--key-type", "dsa"], /Allowed: ec, rsa\./],
    [["--days", "0"], /Allowed: a whole number from 1\./],
    [["--days", "1y"], /Allowed: a whole number from 1\./],
    [["--days", "826"], /^error: option '--days' takes at most 825 here/],
    [["client", "ann", "--days", "3653"], /^error: option '--days' takes at most 3652 here/],
    [["--dir", "a", "--dir", "b"], /The option is given twice/],
    [["--name", "a b"], /^Cannot use the name 'a b': it is no DNS name and no IP address\n$/],
    [["client", "a\nb"], /^Cannot use the user name 'a\\nb': it contains a control character/],
  ];
  for (const [args, message] of cases) {
    const { exitCode, out, err } = await runCli("cert", ...args);
    assert.deepEqual([exitCode, out], [2, ""], args.join(" "));
    assert.match(err, message);
  }
});

Deno.test("cert makes certificates for a server and a client, where it is told to", async () => {
  using folder = temporaryFolder();
  const dir = ["--dir", `${folder.path}/c`];
  const made = await runCli(
    "cert",
    ...dir,
    "--name",
    "a.org",
    "--name",
    "10.9.8.7",
    "--days",
    "90",
  );
  assert.equal(made.exitCode, 0);
  assert.match(made.out, /\nFor: .*\ba\.org\b.*, 10\.9\.8\.7,/);
  const again = await runCli("cert", ...dir);
  assert.match(again.out, /^The server certificate in '.*' is still good, for 89 days\n/);
  const client = await runCli("cert", "client", "ann", ...dir);
  assert.match(client.out, /^Made a client certificate in '.*': there was none\n/);
  assert.deepEqual(namesIn(`${folder.path}/c`), [
    "broker-cert.json",
    "ca-key.pem",
    "ca.pem",
    "client-ann-key.pem",
    "client-ann.pem",
    "server-key.pem",
    "server.pem",
  ]);
});
