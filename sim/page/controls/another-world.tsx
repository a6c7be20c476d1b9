// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { Client } from "../client.js";
import { later } from "../parts/later.js";

const Stories = later(async () => (await import("./stories.js")).Stories);

const TITLES: Readonly<Record<string, string>> = {
	lock: "Lock",
	bus: "PN532 on",
	suite: "EDHOC suite",
	bluetooth: "Bluetooth opens",
};

/** Begins another world: with another seed, another lock, another bus. What was done in this one is not done in it. */
export function AnotherWorld({ client }: { client: Client }): JSX.Element {
	const isOpen = useSignal(false);
	const button = useRef<HTMLButtonElement>(null);
	const close = (): void => {
		isOpen.value = false;
		button.current?.focus();
	};
	const begin = (event: SubmitEvent): void => {
		event.preventDefault();
		const data = new FormData(event.currentTarget as HTMLFormElement);
		const parts = [...data].map(([name, value]) => `${name}=${value}`);
		close();
		client.start(parts.join("&"));
	};
	return (
		<div class="another">
			<button
				type="button"
				ref={button}
				aria-expanded={isOpen.value}
				onClick={() => {
					isOpen.value = !isOpen.value;
				}}
			>
				Another world
			</button>
			{isOpen.value && (
				<form
					onSubmit={begin}
					onKeyDown={({ key }) => {
						if (key === "Escape") close();
					}}
				>
					<Fields client={client} />
					<button type="submit" class="primary">
						Begin it
					</button>
					<Stories
						onChoose={(script) => {
							close();
							client.start(script);
						}}
					/>
				</form>
			)}
		</div>
	);
}

/** A field for each part of a script before its steps, as it is in this world. */
function Fields({ client }: { client: Client }): JSX.Element {
	const now = new Map(client.script.value.split("&").map((part) => part.split("=") as [string, string]));
	return (
		<>
			<label for="world-seed">
				Seed
				<input id="world-seed" name="seed" inputMode="numeric" defaultValue={now.get("seed") ?? "1"} />
			</label>
			{Object.entries(client.setup.value).map(([name, choices]) => (
				<label key={name} for={`world-${name}`}>
					{TITLES[name] ?? name}
					<select id={`world-${name}`} name={name}>
						{choices.map((choice) => (
							<option key={choice} selected={choice === (now.get(name) ?? choices[0])}>
								{choice}
							</option>
						))}
					</select>
				</label>
			))}
		</>
	);
}
