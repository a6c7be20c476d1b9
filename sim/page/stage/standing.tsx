// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { SceneState } from "../../scene/scene.js";

/** What stands how, in words: what the picture shows by colour and place. */
export function Standing({ state }: { state: SceneState }): JSX.Element {
	const { door, light, lock, powered, session } = state;
	const rows: readonly (readonly [name: string, value: string, isOn: boolean])[] = [
		["Light", powered ? light : "no power", light === "green"],
		[lock === "magnet" ? "Magnet" : "Strike", door.locked ? "holds" : "released", !door.locked],
		["Door", door.open ? "open" : "shut", door.open],
		["Relay", door.relay ? "on" : "off", door.relay],
		["Exit button", door.exit ? "pressed" : "at rest", door.exit],
		["Site", session ? "connected" : "away", session],
	];
	return (
		<dl class="standing">
			{rows.map(([name, value, isOn]) => (
				<div key={name} data-on={isOn}>
					<dt>{name}</dt>
					<dd>{value}</dd>
				</div>
			))}
		</dl>
	);
}
