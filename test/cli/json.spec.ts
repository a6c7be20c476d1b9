// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import type { Command } from "commander";
import { commandLine } from "../../cli/run.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { openFolder } from "../../site/server/data-folder.js";
import { needs } from "../sim/installed.js";
import { root } from "../support/host.js";
import { RegistrationServer, TOKEN } from "../support/registration-server.js";
import type { Ended } from "./lintel.js";
import { DeviceReader, Installation, SEED } from "./terminal.js";

/** Words with `@` in front are files of the installer's folder. */
interface Case {
	/** In this order: each finds what those before it have made. */
	readonly does: readonly (readonly [words: string, exit: number, objects?: number | "some" | "any"])[];
	/** In another state or with other files than it needs. */
	readonly fails: string;
	readonly exit: number;
}

const KEY = "--site-key @site-key.json";
const PASSPHRASE = "--passphrase-file @password";
const ROOT = `--root-key @root-key.json --site @site.json ${PASSPHRASE}`;
const NO_PORT = "--port @nowhere";
const ID = "2b7d9ce0114f6685";
const PHONE = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const ISSUE = `${KEY} --public-key ${PHONE} --id ${ID} --out @phone.cwt`;
const COMPILE = "@plan.json --door FRONT --plan-version";

/** Each command there is, in the order of an installation. */
const CASES: Readonly<Record<string, Case>> = {
	"site init": {
		does: [[`ACME --out @. ${PASSPHRASE}`, 0]],
		fails: `ACME --out @nowhere/x ${PASSPHRASE}`,
		exit: EXIT.input,
	},
	"exit-codes": { does: [["", 0]], fails: "too many", exit: EXIT.usage },
	readers: { does: [["PORT", 0]], fails: "--port", exit: EXIT.usage },
	identify: { does: [["--seconds 1 PORT", 0]], fails: NO_PORT, exit: EXIT["no-reader"] },
	show: { does: [["PORT", 0]], fails: NO_PORT, exit: EXIT["no-reader"] },
	commission: {
		does: [
			[`@door.json ${KEY} PORT`, 0],
			[`@door.json ${KEY} PORT`, 0],
		],
		fails: `@nowhere ${KEY} PORT`,
		exit: EXIT.input,
	},
	apply: {
		does: [
			[`@new.json --dry-run ${KEY} PORT`, 0],
			[`@new.json ${KEY} PORT`, 0],
			[`@bench.json --all ${KEY}`, 0],
		],
		fails: "@new.json PORT",
		exit: EXIT.refused,
	},
	verify: {
		does: [
			[`@new.json ${KEY} PORT`, 0],
			[`@door.json ${KEY} PORT`, EXIT.different],
		],
		fails: "@new.json PORT",
		exit: EXIT.refused,
	},
	test: {
		does: [
			[`nfc ${KEY} PORT`, 0],
			[`fire ${KEY} PORT`, EXIT.different],
		],
		fails: `frobnication ${KEY} PORT`,
		exit: EXIT.usage,
	},
	watch: { does: [[`--seconds 1 ${KEY} PORT`, 0, "any"]], fails: "PORT", exit: EXIT.refused },
	report: {
		does: [[`--out @page.html ${KEY} PORT`, 0]],
		fails: `--out @nowhere/x ${KEY} PORT`,
		exit: EXIT.input,
	},
	"time set": { does: [[`${KEY} PORT`, 0]], fails: `--at tomorrow ${KEY} PORT`, exit: EXIT.usage },
	"time show": { does: [["PORT", 0]], fails: NO_PORT, exit: EXIT["no-reader"] },
	"wifi scan": { does: [[`${KEY} PORT`, 0, 2]], fails: "PORT", exit: EXIT.refused },
	selftest: { does: [[`${KEY} PORT`, 0]], fails: "PORT", exit: EXIT.refused },
	"wifi forget": { does: [[`${KEY} PORT`, 0]], fails: "PORT", exit: EXIT.refused },
	"wifi join": {
		does: [[`Building --password @password ${KEY} PORT`, 0]],
		fails: `Building --password @nowhere ${KEY} PORT`,
		exit: EXIT.input,
	},
	"server set": {
		does: [[`broker.example:1884 --password @password ${KEY} PORT`, 0]],
		fails: `broker.example --password @nowhere ${KEY} PORT`,
		exit: EXIT.input,
	},
	"server register": {
		does: [[`--site SITE --token-file @token ${KEY} PORT`, 0]],
		fails: `--site @nowhere ${KEY} PORT`,
		exit: EXIT.usage,
	},
	"server show": { does: [[`${KEY} PORT`, 0]], fails: "PORT", exit: EXIT.refused },
	"server forget": { does: [[`${KEY} PORT`, 0]], fails: "PORT", exit: EXIT.refused },
	"configuration sign": {
		does: [
			[`@door.json ${KEY} --out @door.signed`, 0],
			[`@door.json ${KEY} --site SITE --token-file @token`, 0],
		],
		fails: `@door.json ${KEY}`,
		exit: EXIT.usage,
	},
	"configuration send": {
		does: [["@door.signed --site SITE --token-file @token", 0]],
		fails: "@door.json --site SITE --token-file @token",
		exit: EXIT.input,
	},
	"credential issue": { does: [[ISSUE, 0]], fails: ISSUE, exit: EXIT.input },
	"credential invite": {
		does: [["@phone.cwt --site @site.json", 0]],
		fails: "@nowhere --site @site.json",
		exit: EXIT.input,
	},
	"credential inspect": {
		does: [["@phone.cwt --site @site.json", 0]],
		fails: "@nowhere --site @site.json",
		exit: EXIT.input,
	},
	"plan compile": {
		does: [
			[`${COMPILE} 1 --out @1.plan`, 0],
			[`${COMPILE} 2 ${KEY} --out @2.plan`, 0],
		],
		fails: `${COMPILE} 0 --out @x`,
		exit: EXIT.input,
	},
	"plan sign": {
		does: [[`@1.plan ${KEY} --out @signed.plan`, 0]],
		fails: `@nowhere ${KEY} --out @x`,
		exit: EXIT.input,
	},
	"plan diff": {
		does: [[`@signed.plan @2.plan ${KEY} --out @delta`, 0]],
		fails: "@1.plan @nowhere",
		exit: EXIT.input,
	},
	"plan inspect": {
		does: [
			["@signed.plan --site @site.json", 0],
			["@delta", 0],
		],
		fails: "@door.json",
		exit: EXIT.input,
	},
	"install-plan": { does: [[`@signed.plan ${KEY} PORT`, 0]], fails: `@1.plan ${KEY} PORT`, exit: EXIT.input },
	door: {
		does: [
			[`unlock ${KEY} PORT`, 0],
			[`normal ${KEY} PORT`, 0],
		],
		fails: `explode ${KEY} PORT`,
		exit: EXIT.usage,
	},
	certify: { does: [[`${KEY} PORT`, 0]], fails: `--door BACK ${KEY} PORT`, exit: EXIT.refused },
	"log export": {
		does: [["PORT --site-key @site-key.json", 0, "some"]],
		fails: "--image @nowhere",
		exit: EXIT.input,
	},
	"fetch-log": { does: [[`@log.bin ${KEY} PORT`, 0]], fails: `@nowhere/x ${KEY} PORT`, exit: EXIT.input },
	"log verify": {
		does: [
			["--image @log.bin", 0],
			[`--image @log.bin --reader-key ${PHONE}`, EXIT.different],
		],
		fails: "--image @log.bin --reader-key hunter2",
		exit: EXIT.usage,
	},
	"trust install": { does: [["@site.json PORT", 0]], fails: "@door.json PORT", exit: EXIT.input },
	restart: { does: [[`${KEY} PORT`, 0]], fails: "PORT", exit: EXIT.refused },
	reset: { does: [[`--yes ${KEY} PORT`, 0]], fails: `${KEY} PORT`, exit: EXIT.usage },
	"site show": { does: [["--site @site.json", 0]], fails: "--site @nowhere", exit: EXIT.input },
	"site unlock": { does: [[ROOT, 0]], fails: `${ROOT} --root-key @site.json`, exit: EXIT.input },
	"site key": {
		does: [[`--role issue --days 30 --out @issuer.json ${ROOT}`, 0]],
		fails: `--role install --out @x ${ROOT}`,
		exit: EXIT.usage,
	},
	"site revoke": {
		does: [[`--reader ${ID} --yes ${ROOT}`, 0]],
		fails: `--reader ${ID} --yes ${ROOT}`,
		exit: EXIT.input,
	},
	"site root": {
		does: [[`ACME --out @second.json ${PASSPHRASE}`, 0]],
		fails: `ACME --out @second.json ${PASSPHRASE}`,
		exit: EXIT.input,
	},
	"site second": { does: [[`${PHONE} --yes ${ROOT}`, 0]], fails: `${PHONE} --yes ${ROOT}`, exit: EXIT.input },
	"site backup": {
		does: [
			[`--root-key @root-key.json --out @backup.json --code-file @code ${PASSPHRASE}`, 0],
			["--data @data --out @data.db", 0],
		],
		fails: `--root-key @root-key.json --out @other.json ${PASSPHRASE}`,
		exit: EXIT.usage,
	},
	"site recover": {
		does: [[`@backup.json --code-file @code --out @recovered.json ${PASSPHRASE}`, 0]],
		fails: `@backup.json --code-file @password --out @x ${PASSPHRASE}`,
		exit: EXIT.input,
	},
	"site rotate": {
		does: [[`--out @new-root.json --new-passphrase-file @password ${ROOT}`, 0]],
		fails: `--out @x --new-passphrase-file @password ${ROOT}`,
		exit: EXIT.refused,
	},
	"site upgrade": {
		does: [[`@old-key.json --out @upgraded ${PASSPHRASE}`, 0]],
		fails: `@site-key.json --out @upgraded ${PASSPHRASE}`,
		exit: EXIT.input,
	},
	// It runs until a signal ends it: test/cli/site-serve.spec.ts.
	"site serve": { does: [], fails: "--data @data", exit: EXIT.usage },
	"site restore": {
		does: [["@data.db --data @data --yes", 0]],
		fails: "@nowhere --data @data --yes",
		exit: EXIT.input,
	},
	"site token": { does: [["--data @data --yes", 0]], fails: "--data @nowhere --yes", exit: EXIT.input },
	"site owner reset": { does: [["--data @data --yes", 0]], fails: "--data @nowhere --yes", exit: EXIT.input },
	"site broker-files": {
		does: [["--data @data --out @mosquitto", 0]],
		fails: "--data @nowhere --out @mosquitto",
		exit: EXIT.input,
	},
};

/** Full names of the commands that do something. */
function leaves(command: Command, above = ""): string[] {
	return command.commands.flatMap((inner) => {
		const name = `${above}${inner.name()}`;
		return inner.commands.length > 0 ? leaves(inner, `${name} `) : [name];
	});
}

describe("lintel --json", () => {
	let site: Installation;
	let reader: DeviceReader | undefined;
	let server: RegistrationServer | undefined;

	before(async function () {
		needs(this, { socat: "socat" });
		site = new Installation();
		reader = new DeviceReader();
		await reader.plug();
		const doors = readFileSync(join(root, "examples/plan.json"), "utf8");
		writeFileSync(site.file("plan.json"), doors.replaceAll('"front"', '"FRONT"'));
		writeFileSync(site.file("password"), "correct horse\n");
		writeFileSync(site.file("token"), TOKEN);
		server = await new RegistrationServer().open();
		site.write("old-key.json", { site: "ACME", algorithm: "Ed25519", seed: SEED });
		mkdirSync(site.file("upgraded"));
		const data = await openFolder(site.file("data"), "ACME", 1);
		await data.store.facts.set("pages", "http://localhost:4191");
		await data.close();
		site.write("new.json", { id: "FRONT", name: "Front door", door: { strikeTime: 9 } });
		site.write("bench.json", { readers: [{ port: reader.path, configuration: "new.json" }] });
	});

	after(() => {
		server?.close();
		reader?.unplug();
		site?.end();
	});

	function run(name: string, words: string): Promise<Ended> {
		const args = `${name} ${words}`
			.replace("PORT", `--port ${reader!.path}`)
			.replace("SITE", server!.url)
			.split(" ")
			.filter(Boolean)
			.map((word) => (word.startsWith("@") ? site.file(word.slice(1)) : word));
		return site.run([...args, "--json"]);
	}

	/** Every line, and no other text. */
	function objects(out: string): Record<string, unknown>[] {
		if (out === "") return [];
		assert.match(out, /\n$/);
		return out
			.slice(0, -1)
			.split("\n")
			.map((line) => {
				const value: unknown = JSON.parse(line);
				assert.isObject(value, line);
				return value as Record<string, unknown>;
			});
	}

	function checkError({ code, out }: Ended, exit: number, what: string): void {
		const [told, ...more] = objects(out);
		assert.deepEqual(more, [], what);
		assert.deepEqual(Object.keys(told ?? {}), ["error"], what);
		const error = told!.error as Record<string, unknown>;
		assert.hasAllKeys(error, ["reason", "message", "advice", "exit"], what);
		assert.equal(error.exit, code, what);
		assert.equal(code, exit, `${what}: ${out}`);
		assert.match(String(error.reason), /^[a-z0-9]+(-[a-z0-9]+)*$/, what);
		for (const text of [error.message, error.advice]) assert.isNotEmpty(text, what);
	}

	it("is held of every command here", async () => {
		const all = leaves(await commandLine());
		assert.sameMembers(Object.keys(CASES), all);
		assert.isAbove(all.length, 20);
	});

	for (const [name, { does, exit, fails }] of Object.entries(CASES))
		it(`${name}: one object a line and nothing else, in the end as in error`, async () => {
			for (const [words, code, count = 1] of does) {
				const ended = await run(name, words);
				assert.equal(ended.code, code, `${words}: ${ended.out}${ended.err}`);
				const told = objects(ended.out);
				if (count === "some") assert.isAbove(told.length, 1);
				else if (count !== "any") assert.lengthOf(told, count, words);
				for (const value of told) assert.notProperty(value, "error");
			}
			const [failed, unknown] = await Promise.all([run(name, fails), run(name, "--frobnicate")]);
			checkError(failed, exit, fails);
			checkError(unknown, EXIT.usage, "--frobnicate");
			assert.equal(unknown.err, "", "said once");
		});

	it("a group of commands without one of them, and no command at all, are errors too", async () => {
		const groups = [
			"",
			...(await commandLine()).commands.filter((c) => c.commands.length > 0).map((c) => c.name()),
		];
		assert.isAbove(groups.length, 4);
		for (const name of groups) checkError(await run(name, ""), EXIT.usage, name);
	});
});
