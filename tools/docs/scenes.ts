// SPDX-License-Identifier: Apache-2.0

/** The stories of docs/simulator.md: a link for each, and what is done in it with what the door's log has of it. */
import { NodeCrypto } from "../../hal/node/crypto.js";
import { EXAMPLES, type Example } from "../../sim/scene/examples.js";
import { Scene } from "../../sim/scene/scene.js";
import { parseScript } from "../../sim/scene/script.js";
import { fill } from "./fill.js";

/** Where `npm start` serves the page. */
const PAGE = "http://127.0.0.1:4190/";

/** A story as it went. */
export interface Story {
	readonly example: Example;
	readonly scene: Scene;
	/** What is done, and what the log has until the next thing is done. */
	readonly rows: readonly Row[];
	readonly told: readonly string[];
}

interface Row {
	readonly at: number;
	readonly done: string;
	readonly log: readonly string[];
}

export function play(example: Example): Story {
	const { steps, ...head } = parseScript(example.script);
	const scene = new Scene({ crypto: new NodeCrypto(), script: { ...head, steps: [] } });
	// What is before the story.
	let earlier = scene.world.auditor.entries().length;
	let log: string[] = [];
	const told: string[] = [];
	scene.onLog = ({ words }) => {
		if (earlier-- <= 0) log.push(words.replace(/ (credential|by) [0-9a-f]{16}$/, ""));
	};
	scene.onTold = ({ text }) => told.push(text);
	const rows = steps.map(({ at, act, values }) => {
		scene.runTo(at * 1000);
		log = [];
		return { at, done: scene.perform(act, values), log };
	});
	scene.runTo(example.ends * 1000);
	return { example, scene, rows, told };
}

export function withScenes(text: string, stories = EXAMPLES.map(play)): string {
	return fill(text, "scenes", stories.map(section).join("\n"));
}

function section({ example, rows }: Story): string {
	const { about, cast, script, title } = example;
	const lines = rows.map(
		({ at, done, log }) =>
			`| ${(at / 1000).toFixed(1)} | ${done} | ${log.map((words) => `\`${words}\``).join(", ")} |`,
	);
	return `
## ${title}

${about} ${cast}

[Play it](${PAGE}#${script})

| s | what is done | what the log has of it |
|---|---|---|
${lines.join("\n")}`;
}
