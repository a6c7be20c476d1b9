// SPDX-License-Identifier: Apache-2.0

import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { Lintel } from "../cli/lintel.js";
import { readmeCommands } from "../cli/readme.js";
import { root } from "../support/host.js";
import { Program } from "../support/program.js";
import { PASSPHRASE } from "../support/site-files.js";
import { until } from "../support/until.js";
import { App } from "./bridge-app.js";
import { needs } from "./installed.js";

describe("docs/installing.md", () => {
	it("has the run from the factory to the tap as it goes, by README's commands", async function () {
		needs(this, { socat: "socat" });
		const folder = mkdtempSync(join(tmpdir(), "lintel-run-"));
		cpSync(join(root, "examples"), join(folder, "examples"), { recursive: true });
		// What npm would find in the checkout.
		const npx = `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(root, "bin/lintel.js")}" "$@"\n`;
		writeFileSync(join(folder, "npx"), npx, { mode: 0o755 });
		const reader = new Program("build/sim/start.js", ["--factory"], { cwd: folder });
		try {
			await reader.heard("Hands");
			const port = /is on (\S+)/.exec(reader.said)![1]!;
			const key = /public key (\w+)/.exec(reader.said)![1]!;
			const run = (line: string): Promise<string> =>
				new Promise((resolve, reject) => {
					const command = line.replaceAll("PORT", port).replaceAll(/\bKEY\b/g, key);
					const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
					const shell = execFile("sh", ["-c", command], { cwd: folder, env }, (error, stdout) =>
						error ? reject(error) : resolve(stdout),
					);
					// What a person at a terminal is asked for.
					shell.stdin!.end(PASSPHRASE);
				});
			const [before, after] = readmeCommands();
			let transcript = "";
			const record = async (lines: readonly string[]): Promise<void> => {
				for (const line of lines) transcript += `$ ${line.replace(/ +#.*/, "")}\n${await run(line)}`;
			};
			await record(before!);
			// Of the relay's test.
			await reader.heard("relay off", reader.said.indexOf("relay on"));
			const from = reader.said.length;
			reader.type("\n");
			await reader.heard("relay on: the strike is released", from);
			await reader.heard("phone: granted", from);
			transcript += "(Enter at the reader)\nrelay on: the strike is released\nphone: granted\n";
			await record(after!);
			const told = transcript
				.replaceAll(port, "PORT")
				.replaceAll(/\b([0-9a-f]{16})[0-9a-f]{48}\b/g, "$1...")
				.replaceAll(/\b[0-9a-f]{4}(-[0-9a-f]{4}){3}\b/g, "d75a-9801-82b1-0ab7")
				.replaceAll(/^(reader's id )[0-9a-f]{16}$/gm, "$1cca41f752184eb04")
				.replaceAll(/^(Trusts list +1 \(|Anchor +)[0-9a-f]{16}/gm, "$1cca41f752184eb04")
				.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\dZ/g, "2026-05-01T08:15Z");
			const page = readFileSync(join(root, "docs/installing.md"), "utf8");
			const [, recorded] = /## A run, recorded\n[\s\S]*?```text\n([\s\S]*?)```/.exec(page) ?? [];
			assert.equal(told, recorded);
		} finally {
			reader.kill();
			rmSync(folder, { recursive: true, force: true });
		}
	});
});

describe("npm start -- --factory", () => {
	let folder: string;
	let reader: Program;
	let port: string;

	before(async function () {
		needs(this, { socat: "socat" });
		folder = mkdtempSync(join(tmpdir(), "lintel-factory-"));
		cpSync(join(root, "examples"), join(folder, "examples"), { recursive: true });
		process.chdir(folder);
		reader = new Program("build/sim/start.js", ["--factory", "--seed", "5", "--bridge", "0"], {
			cwd: folder,
		});
		await reader.heard("Hands");
		port = /is on (\S+)/.exec(reader.said)![1]!;
	});

	after(() => {
		reader?.kill();
		process.chdir(root);
		if (folder) rmSync(folder, { recursive: true, force: true });
	});

	async function done(...args: string[]): Promise<string> {
		const { code, out, err } = await new Lintel(args, { input: PASSPHRASE }).ended;
		assert.equal(code, 0, `${args.join(" ")}\n${err}`);
		return out;
	}

	it("has nothing for a phone that is tapped before the reader has a site", async () => {
		reader.type("\n");
		await reader.heard("the phone has no credential yet");
	});

	it("is commissioned over its port, and its door has hands for every test", async () => {
		await done("site", "init", "ACME");
		await done("commission", "examples/single-door.json", "--site-key", "site-key.json", "--port", port);
		const test = new Lintel(["test", "all", "--site-key", "site-key.json", "--port", port]);
		await test.heard("open the door now");
		reader.type("o\n");
		await test.heard("press request-to-exit now");
		const pressed = reader.said.length;
		reader.type("x\n");
		const { code, out, err } = await test.ended;
		assert.equal(code, 0, err);
		for (const name of ["relay", "door", "rex", "nfc", "ble"]) assert.include(out, `ok   ${name}`);
		reader.type("c\n");
		await reader.heard("relay on", pressed);
		await reader.heard("relay off", reader.said.indexOf("relay on", pressed));
	});

	it("opens for the phone whose key it prints, once that has its credential and the reader its plan", async () => {
		const key = /public key (\w+)/.exec(reader.said)![1]!;
		const signing = ["--site-key", "site-key.json"];
		const phone = ["--id", "2b7d9ce0114f6685", "--public-key", key, "--out", "phone.cwt"];
		await done("credential", "issue", ...signing, ...phone);
		const plan = ["--door", "front", "--plan-version", "1", "--out", "front.plan"];
		await done("plan", "compile", "examples/plan.json", ...plan, ...signing);
		await done("install-plan", "front.plan", ...signing, "--port", port);
		const from = reader.said.length;
		reader.type("\n");
		await reader.heard("relay on: the strike is released", from);
		await reader.heard("phone: granted", from);
	});

	it("takes an app of one's own, with the enrolment that lintel makes, for a phone of the site without a right here", async () => {
		const { publicKey, secretKey } = new NodeCrypto().ed25519KeyPair(new Uint8Array(32).fill(7));
		const phone = ["--id", "00112233445566aa", "--public-key", toHex(publicKey), "--out", "app.cwt"];
		await done("credential", "issue", "--site-key", "site-key.json", ...phone);
		const invited = JSON.parse(await done("credential", "invite", "app.cwt", "--site", "site.json"));
		const app = new App({ ...invited, secretKey: toHex(secretKey) });
		app.tap(Number(/NFC at 127\.0\.0\.1:(\d+)/.exec(reader.said)![1]));
		await until(
			"the decision",
			() => app.results.length > 0,
			() => reader.said,
		);
		app.close();
		assert.equal(app.decision, "unknown-credential");
	});

	it("is told in words, on a page too", async () => {
		const shown = await done("report", "--site-key", "site-key.json", "--port", port, "--out", "report.html");
		assert.match(shown, /^Door +front$/m);
		assert.match(shown, /^Access plan +version 1 of \S+, \d+ credentials/m);
		assert.match(shown, /^door\.strikeTime +5 s$/m);
		const page = readFileSync(join(folder, "report.html"), "utf8");
		for (const [, label, text] of shown.matchAll(/^(\S+(?: \S+)*) {2,}(.+)$/gm))
			assert.include(page, `<tr><th>${label}</th><td>${text}</td></tr>`);
	});

	it("says what it takes where it is given anything else", async () => {
		reader.type("open sesame\n");
		await reader.heard("Enter, o, c or x");
	});
});
