// The heroes: a figure in its player's colour each, and a name above its head, which is text of the
// page and no part of the picture.
import { BoxGeometry, type Camera, Color, Group, Mesh, MeshLambertMaterial, Vector3 } from "three";
import { element, setAttribute, setText } from "../../../shell/element.ts";
import type { ShownHero } from "../land-view.ts";

const NAME_HEIGHT = 2.05;

export interface HeroMesh {
  readonly group: Group;
  /** Names, to be laid over the picture. */
  readonly names: HTMLElement;
  show(heroes: readonly ShownHero[]): void;
  /** Puts the names where their heroes are seen. */
  placeNames(camera: Camera, width: number, height: number): void;
  dispose(): void;
}

interface Figure {
  readonly group: Group;
  readonly material: MeshLambertMaterial;
  readonly name: HTMLElement;
}

export function createHeroMesh(): HeroMesh {
  const group = new Group();
  const names = element("div", { class: "hero-names", attributes: { "aria-hidden": "true" } });
  const body = new BoxGeometry(0.55, 0.8, 0.35);
  const head = new BoxGeometry(0.45, 0.45, 0.45);
  const skin = new MeshLambertMaterial({ color: "#f0c9a0" });
  const figures = new Map<string, Figure>();

  function create({ player }: ShownHero): Figure {
    const material = new MeshLambertMaterial({ color: colourOf(player.hue) });
    const torso = new Mesh(body, material);
    torso.position.set(0, 0.4, 0);
    const face = new Mesh(head, skin);
    face.position.set(0, 1.03, 0);
    const figure = new Group();
    for (const part of [torso, face]) {
      part.castShadow = true;
      figure.add(part);
    }
    const name = element("span", { class: "hero-name" });
    name.style.setProperty("--player-hue", String(player.hue));
    group.add(figure);
    names.append(name);
    return { group: figure, material, name };
  }

  function remove({ group: figure, material, name }: Figure): void {
    group.remove(figure);
    material.dispose();
    name.remove();
  }

  return {
    group,
    names,
    show(heroes) {
      const present = new Set(heroes.map(({ address }) => address));
      for (const [address, figure] of figures) {
        if (present.has(address)) continue;
        remove(figure);
        figures.delete(address);
      }
      for (const hero of heroes) {
        const figure = figures.get(hero.address) ?? create(hero);
        figures.set(hero.address, figure);
        figure.group.position.set(hero.at.x + 0.5, hero.at.y, hero.at.z + 0.5);
        figure.material.color = colourOf(hero.player.hue);
        setText(figure.name, hero.player.name);
        setAttribute(figure.name, "data-you", hero.player.isYou ? "" : undefined);
      }
    },
    placeNames(camera, width, height) {
      for (const { group: figure, name } of figures.values()) {
        const at = new Vector3(0, NAME_HEIGHT, 0).add(figure.position).project(camera);
        name.hidden = at.z > 1;
        const [x, y] = [((at.x + 1) / 2) * width, ((1 - at.y) / 2) * height];
        name.style.transform = `translate(-50%, -100%) translate(${x}px, ${y}px)`;
      }
    },
    dispose() {
      for (const figure of figures.values()) remove(figure);
      for (const one of [body, head, skin]) one.dispose();
    },
  };
}

function colourOf(hue: number): Color {
  return new Color().setHSL((((hue % 360) + 360) % 360) / 360, 0.55, 0.5);
}
