// Checks of polygons (corners [x, y] in fractions of the frame) that the sensor makes as well.

// Whether two edges meet elsewhere than at a shared corner.
export function crosses(polygon) {
  const edges = polygon.map((corner, index) => [corner, polygon[(index + 1) % polygon.length]]);
  return edges.some((one, first) => edges.some((other, second) => {
    if (second <= first) return false;
    const neighbours = second - first === 1 || second - first === edges.length - 1;
    return neighbours ? foldsBack(one, other) : meet(one, other);
  }));
}

export function inFrame([x, y]) {
  const fraction = value => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;
  return [fraction(x), fraction(y)];
}

export function between([x1, y1], [x2, y2]) {
  return [(x1 + x2) / 2, (y1 + y2) / 2];
}

export const same = (one, other) => one[0] === other[0] && one[1] === other[1];

function turn([[x1, y1], [x2, y2]], [x, y]) {
  // In thousandths, which are whole numbers: rounding errors of fractions would make a straight line bent.
  const whole = value => Math.round(value * 1000);
  return (whole(x2) - whole(x1)) * (whole(y) - whole(y1)) - (whole(y2) - whole(y1)) * (whole(x) - whole(x1));
}

function liesOn([[x1, y1], [x2, y2]], [x, y]) {
  return turn([[x1, y1], [x2, y2]], [x, y]) === 0 && Math.min(x1, x2) <= x && x <= Math.max(x1, x2)
    && Math.min(y1, y2) <= y && y <= Math.max(y1, y2);
}

function meet(one, other) {
  const apart = (edge, [start, end]) => Math.sign(turn(edge, start)) * Math.sign(turn(edge, end)) < 0;
  return (apart(one, other) && apart(other, one)) || other.some(point => liesOn(one, point))
    || one.some(point => liesOn(other, point));
}

function foldsBack(one, other) {
  if (same(...one) || same(...other)) return true;
  const shared = one.find(point => other.some(end => same(point, end)));
  const far = edge => edge.find(point => !same(point, shared));
  return !far(one) || !far(other) || liesOn(one, far(other)) || liesOn(other, far(one));
}
