// SPDX-License-Identifier: MIT
#include "model/fk_graph.h"

#include <algorithm>
#include <queue>

namespace dbfixture {
namespace {

using Edges = std::vector<std::vector<std::size_t>>;  // child -> parents, self references left out

Edges parent_edges(const Schema& schema) {
    Edges parents(schema.tables.size());
    for (std::size_t child = 0; child < schema.tables.size(); ++child) {
        for (const ForeignKey& key : schema.tables[child].foreign_keys) {
            if (key.parent && *key.parent != child) parents[child].push_back(*key.parent);
        }
        std::sort(parents[child].begin(), parents[child].end());
        parents[child].erase(std::unique(parents[child].begin(), parents[child].end()), parents[child].end());
    }
    return parents;
}

// Tarjan's strongly connected components, with a stack of its own: a schema may chain thousands of tables.
class Components {
  public:
    explicit Components(const Edges& edges)
        : edges_(edges), index_(edges.size(), kNew), low_(edges.size()), of_(edges.size(), kNew) {
        for (std::size_t node = 0; node < edges.size(); ++node) {
            if (index_[node] == kNew) visit(node);
        }
    }
    std::size_t of(std::size_t node) const { return of_[node]; }
    std::size_t count() const { return count_; }

  private:
    struct Frame {
        std::size_t node;
        std::size_t next_edge;
    };
    static constexpr std::size_t kNew = static_cast<std::size_t>(-1);

    void enter(std::size_t node) {
        index_[node] = low_[node] = next_index_++;
        open_.push_back(node);
        frames_.push_back({node, 0});
    }

    void visit(std::size_t start) {
        enter(start);
        while (!frames_.empty()) {
            auto& [node, next_edge] = frames_.back();
            if (next_edge < edges_[node].size()) {
                const std::size_t to = edges_[node][next_edge++];
                if (index_[to] == kNew) {
                    enter(to);
                } else if (of_[to] == kNew) {
                    low_[node] = std::min(low_[node], index_[to]);
                }
            } else {
                leave(node);
            }
        }
    }

    void leave(std::size_t node) {
        frames_.pop_back();
        if (!frames_.empty()) low_[frames_.back().node] = std::min(low_[frames_.back().node], low_[node]);
        if (low_[node] != index_[node]) return;
        std::size_t member;
        do {
            member = open_.back();
            open_.pop_back();
            of_[member] = count_;
        } while (member != node);
        ++count_;
    }

    const Edges& edges_;
    std::vector<std::size_t> index_, low_, of_, open_;
    std::vector<Frame> frames_;
    std::size_t next_index_ = 0, count_ = 0;
};

bool references_itself(const Schema& schema, std::size_t table) {
    const auto& keys = schema.tables[table].foreign_keys;
    return std::any_of(keys.begin(), keys.end(), [&](const ForeignKey& key) { return key.parent == table; });
}

}  // namespace

TableOrder order_tables(const Schema& schema) {
    const Edges parents = parent_edges(schema);
    const Components components(parents);

    // Tables are sorted by schema and name, so the first member of each component is its smallest name.
    std::vector<std::vector<std::size_t>> members(components.count());
    for (std::size_t table = 0; table < parents.size(); ++table)
        members[components.of(table)].push_back(table);

    Edges children(components.count());
    std::vector<std::size_t> waiting_for(components.count(), 0);
    for (std::size_t child = 0; child < parents.size(); ++child) {
        for (const std::size_t parent : parents[child]) {
            if (components.of(parent) == components.of(child)) continue;
            children[components.of(parent)].push_back(components.of(child));
            ++waiting_for[components.of(child)];
        }
    }

    using Entry = std::pair<std::size_t, std::size_t>;  // smallest table, component
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> ready;
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (waiting_for[i] == 0) ready.emplace(members[i].front(), i);
    }
    TableOrder order;
    while (!ready.empty()) {
        const std::size_t component = ready.top().second;
        ready.pop();
        const auto& tables = members[component];
        order.tables.insert(order.tables.end(), tables.begin(), tables.end());
        if (tables.size() > 1 || references_itself(schema, tables.front())) order.cycles.push_back(tables);
        for (const std::size_t child : children[component]) {
            if (--waiting_for[child] == 0) ready.emplace(members[child].front(), child);
        }
    }
    return order;
}

}  // namespace dbfixture
