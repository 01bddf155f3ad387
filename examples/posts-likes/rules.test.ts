import { describe, expect, it } from 'vitest';
import { countDistinct, parsePosts, rankUsers, scoreOf } from './rules.ts';

const score = (user: string, ...likes: number[]) => scoreOf({ user, name: user.toUpperCase() }, likes);
const order = (...scores: readonly ReturnType<typeof score>[]) => rankUsers(scores).map(({ user }) => user);

describe('files', () => {
  it('name a post, and who likes it, once', () => {
    expect(parsePosts('post,title\np1,Rain\np2,"Bread, and more"\r\np1,Rain again\n\n')).toEqual(['p1', 'p2']);
    expect(countDistinct('ann\nbo\r\nann\n\n  bo \n')).toBe(2);
    expect([parsePosts(''), parsePosts('post,title\n'), countDistinct('')]).toEqual([[], [], 0]);
  });
});

describe('a score', () => {
  it('is the mean of the three most-liked posts, and of all when there are fewer', () => {
    expect(score('a', 1, 9, 4, 5, 0)).toEqual({ user: 'a', name: 'A', posts: 5, likes: 19, topMean: 6 });
    expect(score('a', 1, 2).topMean).toBe(1.5);
    expect(score('a', 7).topMean).toBe(7);
    expect(score('a')).toEqual({ user: 'a', name: 'A', posts: 0, likes: 0, topMean: null });
  });
});

describe('the ranking', () => {
  it('puts equal means in the order of all likes, then of ids by code unit', () => {
    expect(order(score('a', 2), score('b', 2, 2), score('c', 3))).toEqual(['c', 'b', 'a']);
    expect(order(score('b', 2), score('a', 2), score('B', 2), score('10', 2), score('9', 2))).toEqual([
      ...['10', '9', 'B', 'a', 'b'],
    ]);
    expect(order(score('b', 4), score('a', 4, 4, 4, 0), score('c', 5, 4, 3))).toEqual(['a', 'c', 'b']);
  });

  it('has ten places, and none for who wrote nothing', () => {
    const users = Array.from({ length: 12 }, (_, index) => score(`user-${String(index).padStart(2, '0')}`, index));
    expect(order(...users, score('nobody'))).toEqual(
      users
        .map(({ user }) => user)
        .reverse()
        .slice(0, 10),
    );
    expect(order(score('nobody'))).toEqual([]);
    expect(order(score('silent', 0), score('nobody'))).toEqual(['silent']);
  });
});
