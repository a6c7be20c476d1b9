// SPDX-License-Identifier: Apache-2.0

import { isDoorId } from "../../../protocol/credential/names.js";
import { Failure } from "../../lib/files/failure.js";
import type { Published } from "./discovery.js";

export interface HomeAssistantOptions extends Published {
	readonly url: URL;
	readonly password: string | undefined;
}

/** As a person gives it. */
export interface HomeAssistantChoice {
	/** `mqtt://` or `mqtts://`, with the user's name. */
	readonly url: string;
	readonly password?: string | undefined;
	readonly prefix?: string | undefined;
	readonly people?: boolean | undefined;
	/** Doors that take commands from there. */
	readonly commands?: readonly string[] | undefined;
}

/** One level of a topic or several, none of them empty or a wildcard. */
const PREFIX = /^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/;
const BASE = "lintel";

/** Throws `Failure`, which repeats no password. */
export function homeAssistantOptions(site: string, choice: HomeAssistantChoice): HomeAssistantOptions {
	const { commands = [], password, people = false, prefix = "homeassistant" } = choice;
	const failure = (message: string, advice: string): Failure =>
		new Failure("usage", "bad-home-assistant", message, advice);
	const url = URL.canParse(choice.url) ? new URL(choice.url) : undefined;
	if (url === undefined || !["mqtt:", "mqtts:"].includes(url.protocol) || url.hostname === "")
		throw failure(
			"that is no address of an MQTT broker",
			"Give the broker of Home Assistant as mqtt://USER@HOST or mqtts://USER@HOST.",
		);
	if (url.password !== "")
		throw failure(
			"the broker's address has a password in it, which other users and the shell's history see",
			"Give the password by its file.",
		);
	if (!PREFIX.test(prefix))
		throw failure(`"${prefix}" is no discovery prefix`, "Home Assistant's own is homeassistant.");
	const wrong = commands.find((door) => !isDoorId(door));
	if (wrong !== undefined) throw failure(`"${wrong}" is no door's name`, "Name doors as the plan file does.");
	return { site, url, password, prefix, base: BASE, people, commanded: new Set(commands) };
}
