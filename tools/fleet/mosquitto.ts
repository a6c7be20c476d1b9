// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

/** Debian has it in a folder where only root looks. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
const LOOK_MS = 100;
const LIMIT_MS = 10_000;

/** Mosquitto of this computer, with the files of `lintel site broker-files` in `folder`. */
export async function startMosquitto(folder: string, port: number): Promise<ChildProcess> {
	const config = join(folder, "mosquitto.conf");
	const lines = [
		`listener ${port} 127.0.0.1`,
		`password_file ${join(folder, "passwords")}`,
		`acl_file ${join(folder, "acl")}`,
		"user root",
		"max_queued_messages 0",
		"log_type error",
	];
	writeFileSync(config, `${lines.join("\n")}\n`);
	const program = spawn("mosquitto", ["-c", config], { env, stdio: ["ignore", "ignore", "inherit"] });
	let failed: Error | undefined;
	program.once("error", (error) => {
		failed = error;
	});
	for (let waited = 0; waited < LIMIT_MS; waited += LOOK_MS) {
		if (failed !== undefined || program.exitCode !== null) break;
		if (await answers(port)) return program;
		await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
	}
	throw new Error("mosquitto does not run; on Debian: apt-get install mosquitto", { cause: failed });
}

function answers(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect({ host: "127.0.0.1", port });
		socket.once("connect", () => socket.destroy()).once("error", () => undefined);
		socket.once("close", (failed) => resolve(!failed));
	});
}
