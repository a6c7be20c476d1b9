// SPDX-License-Identifier: Apache-2.0

/** Messages between page and scene as text, for a WebSocket: JSON, in which bytes are `{"bytes": "hex"}`. */
import { fromHex, toHex } from "../../protocol/bytes.js";
import { ScriptError } from "../scene/act.js";
import type { News, ToScene } from "./messages.js";

/** The most that the world is run at once, ms. */
const MAX_RUN_MS = 3_600_000;

export function encodeNews(news: News): string {
	return JSON.stringify(news, (_key, value) =>
		value instanceof Uint8Array ? { bytes: toHex(value) } : (value as unknown),
	);
}

/** What the scene's own side has sent. */
export function decodeNews(text: string): News {
	return JSON.parse(text, (_key, value: unknown) => {
		const { bytes, ...rest } = Object(value) as { bytes?: unknown };
		return typeof bytes === "string" && Object.keys(rest).length === 0 ? fromHex(bytes) : value;
	}) as News;
}

/** What a page has sent; throws `ScriptError` for anything else. */
export function decodeToScene(text: string): ToScene {
	const message = parse(text);
	if (!isToScene(message)) throw new ScriptError("that is no message to a scene");
	return message;
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function isToScene(message: unknown): message is ToScene {
	const { at, kind, script, serial, name, values, pace, ms } = Object(message) as Record<string, unknown>;
	if (kind === "start") return typeof script === "string";
	if (kind === "act" || kind === "rehearse")
		return typeof name === "string" && typeof values === "object" && values !== null;
	if (kind === "log") return Number.isInteger(serial) && (at === undefined || Number.isInteger(at));
	if (kind === "pace") return pace === 0 || pace === 0.1 || pace === 1;
	if (kind === "run") return Number.isInteger(ms) && Number(ms) > 0 && Number(ms) <= MAX_RUN_MS;
	return kind === "step" || kind === "digest" || kind === "spec";
}
