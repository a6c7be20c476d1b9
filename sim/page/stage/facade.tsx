// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { SceneState } from "../../scene/scene.js";
import type { Client } from "../client.js";
import { Device } from "./device.js";
import { READER } from "./drag.js";
import { nameOf } from "./visitors.js";

/** The wall with the door and the reader in it. What can be touched are buttons. */
export function Facade({ client, state }: { client: Client; state: SceneState }): JSX.Element {
	const { door, lock } = state;
	return (
		<div class={`facade ${door.open ? "open" : "shut"} ${door.locked ? "locked" : "released"}`}>
			<div class="floor" />
			<div class="lintel">FRONT</div>
			<Doorway client={client} state={state} />
			{lock === "magnet" && <div class="magnet" />}
			<div class="strike">
				<span class="bolt" />
			</div>
			<div class="contact" data-closed={!door.open}>
				<span />
				<span />
			</div>
			<Exit client={client} isPressed={door.exit} />
			<Reader state={state} />
			<Visitors state={state} />
		</div>
	);
}

function Doorway({ client, state }: { client: Client; state: SceneState }): JSX.Element {
	const { open } = state.door;
	return (
		<div class="doorway">
			<div class="inside" />
			<button
				type="button"
				class="leaf"
				aria-label={open ? "Shut the door" : "Pull the door"}
				onClick={() => client.act(open ? "shut" : "pull")}
			>
				<span class="pane" />
				<span class="handle" />
			</button>
		</div>
	);
}

/** Request-to-exit, as it is on the other side of the wall. */
function Exit({ client, isPressed }: { client: Client; isPressed: boolean }): JSX.Element {
	return (
		<button
			type="button"
			class="exit"
			data-pressed={isPressed}
			aria-label="Press request-to-exit (inside)"
			onClick={() => client.act("exit")}
		>
			<span class="cap" />
			<span class="name">exit</span>
		</button>
	);
}

function Reader({ state }: { state: SceneState }): JSX.Element {
	const { field, light, powered, tone } = state;
	return (
		<div class="reader" id={READER} data-light={light} data-field={field} data-powered={powered}>
			<svg viewBox="0 0 88 132" aria-hidden="true">
				<rect class="case" x="1" y="1" width="86" height="130" rx="16" />
				<circle class="halo" cx="44" cy="48" r="29" />
				<circle class="ring" cx="44" cy="48" r="29" />
				<path class="mark" d="M33 38h22v5H33zM37 46h14v15H37z" />
				<rect class="window" x="24" y="94" width="40" height="22" rx="4" />
				<path class="beam" d="M28 105h32" />
			</svg>
			{tone > 0 && <span class="waves" />}
		</div>
	);
}

/** What is held to the reader, shown to it, or near it. */
function Visitors({ state }: { state: SceneState }): JSX.Element {
	return (
		<>
			{state.present.map(({ by, distance, who }, i) => (
				<div
					key={`${who} ${by}`}
					class={`visitor ${by}`}
					ref={(element) => {
						// Set by the CSS object model: the page's policy takes no style in an attribute.
						element?.style.setProperty("--away", String(awayOf(distance)));
						element?.style.setProperty("--place", String(i));
					}}
				>
					<Device who={who} by={by} />
					<span class="name">
						{nameOf(who)}
						{distance !== undefined && ` · ${metres(distance)}`}
					</span>
				</div>
			))}
		</>
	);
}

/** 0 at the reader, 1 at the edge of the picture: by the logarithm, as signal strength has it. */
function awayOf(distance = 0): number {
	return Math.min(1, Math.max(0, Math.log10(Math.max(distance, 5) / 5) / Math.log10(300)));
}

function metres(cm: number): string {
	return cm < 100 ? `${cm} cm` : `${(cm / 100).toFixed(1)} m`;
}
