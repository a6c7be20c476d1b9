// SPDX-License-Identifier: Apache-2.0

import { effect, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Client } from "../client.js";
import { hasSound } from "../stage/sound.js";
import { AnotherWorld } from "./another-world.js";
import { Calendar } from "./calendar.js";

/** How long a button says that it has copied, ms. */
const COPIED_MS = 2000;

const PACES = [
	{ pace: 0.1, name: "×0.1" },
	{ pace: 1, name: "×1" },
] as const;

/** On top: the pace of the world, its calendar, and what takes this world elsewhere. */
export function Controls({ client }: { client: Client }): JSX.Element {
	return (
		<div class="controls">
			<Pace client={client} />
			<Calendar client={client} />
			<Elapsed client={client} />
			<div class="tools">
				<button
					type="button"
					aria-pressed={hasSound.value}
					onClick={() => {
						hasSound.value = !hasSound.value;
					}}
				>
					Sound
				</button>
				<Link client={client} />
				<Spec client={client} />
				<AnotherWorld client={client} />
			</div>
		</div>
	);
}

function Pace({ client }: { client: Client }): JSX.Element {
	const { value: pace } = client.pace;
	/** What it goes on with after a pause. */
	const before = useSignal<0.1 | 1>(1);
	return (
		<fieldset class="segments" aria-label="Pace of the world">
			<button
				type="button"
				class="run"
				onClick={() => {
					if (pace !== 0) before.value = pace;
					client.setPace(pace === 0 ? before.value : 0);
				}}
			>
				{pace === 0 ? "Run" : "Pause"}
			</button>
			{PACES.map(({ name, pace: one }) => (
				<button key={name} type="button" aria-pressed={pace === one} onClick={() => client.setPace(one)}>
					{name}
				</button>
			))}
			<button type="button" onClick={() => client.step()}>
				Step
			</button>
		</fieldset>
	);
}

/** How long the scene has run. */
function Elapsed({ client }: { client: Client }): JSX.Element {
	return <span class="elapsed faint">{((client.state.value?.at ?? 0) / 1e6).toFixed(3)} s</span>;
}

/** Seed and script, for someone else or for later. */
function Link({ client }: { client: Client }): JSX.Element {
	const copy = (): Promise<void> => {
		const address = `${location.href.split("#")[0]}#${client.script.value}`;
		history.replaceState(null, "", address);
		return copyText(client, address);
	};
	return <CopyButton onCopy={copy}>Copy the link</CopyButton>;
}

/** What was done as a test that runs in mocha. */
function Spec({ client }: { client: Client }): JSX.Element {
	const copy = async (): Promise<void> => {
		client.askSpec();
		const text = await new Promise<string>((resolve) => {
			const stop = effect(() => {
				const { value } = client.spec;
				if (value === undefined) return;
				resolve(value);
				queueMicrotask(() => stop());
			});
		});
		await copyText(client, text);
	};
	return <CopyButton onCopy={copy}>Copy as a spec</CopyButton>;
}

/** A browser has no clipboard for a page that came by plain http from afar. */
async function copyText(client: Client, text: string): Promise<void> {
	if (navigator.clipboard === undefined) client.refused.value = "The browser lets this page copy nothing.";
	else await navigator.clipboard.writeText(text);
}

function CopyButton({ children, onCopy }: { children: string; onCopy: () => Promise<void> }): JSX.Element {
	const isCopied = useSignal(false);
	const copy = async (): Promise<void> => {
		await onCopy();
		isCopied.value = true;
		setTimeout(() => {
			isCopied.value = false;
		}, COPIED_MS);
	};
	return (
		<button type="button" onClick={copy}>
			{isCopied.value ? "Copied" : children}
		</button>
	);
}
